import * as tf from '@tensorflow/tfjs-core';

import {check, checkRange} from '../internal/check.js';
import type {Gradients, Update} from '../internal/gradients.js';
import {withKnownOptions} from '../internal/known_options.js';
import {Exchange} from '../internal/optimizers/exchange.js';
import {type NamePattern, NamePatterns} from '../internal/optimizers/name_patterns.js';
import {ascend, disposeMoved, gradientsAt, jointNorm, tidyMoved} from '../internal/optimizers/perturbed.js';
import {denseGradient, disposeUpdates} from '../internal/optimizers/updates.js';
import {WrapperOptimizer} from '../internal/optimizers/wrapper.js';

export interface GradientPenaltyArgs {
  /** Weight λ > 0 of the penalty. */
  lambda: number;
  /** Whether the penalty is ½ λ ‖g‖² or λ ‖g‖. Defaults to true, squared. */
  squared?: boolean;
  /** Whose gradient: patterns of variable names; `['']` for all. Defaults to `[/embeddings$/]`. */
  variables?: readonly NamePattern[];
  /** Distance ρ > 0 of the finite difference. Defaults to 0.01. */
  rho?: number;
  /** Differences of both sides, three passes, instead of one, two passes. Defaults to true. */
  central?: boolean;
}

/**
 * Adds a penalty on the gradient's norm to the loss, without second derivatives.
 *
 *   L + ½ λ ‖g_S‖²:  G = g + λ ‖g_S‖ (g⁺ − g⁻) / 2ρ,   g± = ∇L at S ± ρ g_S / ‖g_S‖
 *
 * On embeddings a smoother relative of adversarial training; on all variables with λ = γ / 2, what gradient descent
 * with steps γ does implicitly. Works under `fit` and `minimize`. The difference cancels only what both passes
 * share: dropout draws other masks in each, so leave it out or use `sharpnessAware`, which is safe.
 *
 * ```ts
 * const optimizer = tfa.train.gradientPenalty(tf.train.sgd(0.1), {lambda: 0.1, variables: [/./]});
 * const x = tf.variable(tf.tensor1d([1, 2]));
 * optimizer.minimize(() => tf.sum(tf.square(x)));
 * ```
 *
 * Reference: Su, kexue.fm/archives/7234; Barrett & Dherin 2021, arXiv:2009.11162.
 */
export class GradientPenalty extends WrapperOptimizer {
  static readonly className: string = 'GradientPenalty';

  private readonly args: Required<Omit<GradientPenaltyArgs, 'variables'>>;
  private readonly chosen: NamePatterns;
  private readonly exchange = new Exchange('GradientPenalty', 'restore');

  constructor(
    inner: tf.Optimizer,
    {lambda, squared = true, variables = [/embeddings$/], rho = 0.01, central = true}: GradientPenaltyArgs,
  ) {
    super(inner);
    checkRange(lambda, 'GradientPenalty', 'lambda', [0, Infinity], {low: true, high: true});
    checkRange(rho, 'GradientPenalty', 'rho', [0, Infinity], {low: true, high: true});
    this.args = {lambda, squared, rho, central};
    this.chosen = new NamePatterns(variables, 'GradientPenalty', 'variables');
  }

  override gradientsOf(f: () => tf.Scalar, variables?: tf.Variable[]): Gradients {
    const {rho, central} = this.args;
    const {value, updates} = this.core.gradientsOf(f, variables);
    const selected = updates.filter(({variable}) => this.chosen.matches(variable.name));
    const names = updates.map(({variable}) => variable.name);
    check(selected.length > 0, 'GradientPenalty', 'a variable that one of the patterns finds', names);
    const at = (radius: number): Update[] => {
      const moved = tidyMoved(() => ascend(selected, radius));
      const gradients = gradientsAt(this.core, this.exchange, moved, f, variables);
      disposeMoved(moved);
      return gradients;
    };
    const plus = at(rho);
    const minus = central ? at(-rho) : updates;
    const combined = this.combine(updates, selected, plus, minus);
    for (const list of central ? [updates, plus, minus] : [updates, plus]) disposeUpdates(list);
    return {value, updates: combined};
  }

  /** g + weight (g⁺ − g⁻) */
  private combine(
    updates: readonly Update[],
    selected: readonly Update[],
    plus: readonly Update[],
    minus: readonly Update[],
  ): Update[] {
    const {lambda, squared, rho, central} = this.args;
    const combined: Update[] = [];
    tf.tidy(() => {
      const scale = lambda / (central ? 2 * rho : rho);
      const weight = squared ? tf.mul(jointNorm(selected), scale) : tf.scalar(scale);
      updates.forEach((update, i) => {
        const [here, ahead, behind] = [denseGradient(update), denseGradient(plus[i]), denseGradient(minus[i])];
        const missing = here === null || ahead === null || behind === null;
        const gradient = missing ? null : tf.keep(tf.add(here, tf.mul(tf.sub(ahead, behind), weight)));
        combined.push({variable: update.variable, gradient});
      });
    });
    return combined;
  }

  protected step(updates: readonly Update[]): void {
    this.core.update(updates);
  }

  override getConfig(): tf.serialization.ConfigDict {
    return {...super.getConfig(), ...this.args, variables: this.chosen.toConfig() as never};
  }
}

/** Makes a `GradientPenalty`. */
export const gradientPenalty = (inner: tf.Optimizer, args: GradientPenaltyArgs): GradientPenalty =>
  withKnownOptions(new GradientPenalty(inner, args), args);

tf.serialization.registerClass(GradientPenalty);
