import * as tf from '@tensorflow/tfjs-core';

import {checkRange} from '../internal/check.js';
import type {Update} from '../internal/gradients.js';
import {withKnownOptions} from '../internal/known_options.js';
import {type NamePattern, NamePatterns} from '../internal/optimizers/name_patterns.js';
import {AddonsOptimizer} from '../internal/optimizers/optimizer.js';
import {denseGradient} from '../internal/optimizers/updates.js';

export interface LambArgs {
  /** Decay β₁ of the first moment, in [0, 1). Defaults to 0.9. */
  beta1?: number;
  /** Decay β₂ of the second moment, in [0, 1). Defaults to 0.999. */
  beta2?: number;
  /** ε > 0 of the denominator. Defaults to 1e-6. */
  epsilon?: number;
  /** Decay λ ≥ 0. Defaults to 0. */
  weightDecay?: number;
  /** Variables without decay: patterns searched in their names. Defaults to none. */
  excludeFromDecay?: readonly NamePattern[];
  /** Variables whose step is not scaled to their norm. Defaults to `excludeFromDecay`. */
  excludeFromAdaptation?: readonly NamePattern[];
}

/**
 * LAMB: Adam whose step for each variable is as long as the variable itself, times η. For very large batches.
 *
 *   u = m̂ / (√v̂ + ε) + λ θ;   θ ← θ − η ρ u,   ρ = ‖θ‖ / ‖u‖, or 1 where either norm is 0
 *
 * Norms are over a whole variable. State per variable: `m` and `v`, of its shape. Memory: +2 × parameters.
 *
 * ```ts
 * const optimizer = tfa.train.lamb(2e-3, {weightDecay: 0.01, excludeFromDecay: ['bias', /norm/i]});
 * const x = tf.variable(tf.tensor1d([1, 2]));
 * optimizer.minimize(() => tf.sum(tf.square(x)));
 * ```
 *
 * Reference: You et al. 2020, "Large Batch Optimization for Deep Learning", arXiv:1904.00962.
 */
export class Lamb extends AddonsOptimizer {
  static readonly className: string = 'Lamb';

  private readonly args: Required<Omit<LambArgs, 'excludeFromDecay' | 'excludeFromAdaptation'>>;
  private readonly undecayed: NamePatterns;
  private readonly unadapted: NamePatterns;

  constructor(
    public learningRate: number,
    {
      beta1 = 0.9,
      beta2 = 0.999,
      epsilon = 1e-6,
      weightDecay = 0,
      excludeFromDecay = [],
      excludeFromAdaptation = excludeFromDecay,
    }: LambArgs = {},
  ) {
    super();
    checkRange(learningRate, 'Lamb', 'learningRate', [0, Infinity], {high: true});
    checkRange(beta1, 'Lamb', 'beta1', [0, 1], {high: true});
    checkRange(beta2, 'Lamb', 'beta2', [0, 1], {high: true});
    checkRange(epsilon, 'Lamb', 'epsilon', [0, Infinity], {low: true, high: true});
    checkRange(weightDecay, 'Lamb', 'weightDecay', [0, Infinity], {high: true});
    this.args = {beta1, beta2, epsilon, weightDecay};
    this.undecayed = new NamePatterns(excludeFromDecay, 'Lamb', 'excludeFromDecay');
    this.unadapted = new NamePatterns(excludeFromAdaptation, 'Lamb', 'excludeFromAdaptation');
  }

  protected step(updates: readonly Update[]): void {
    for (const update of updates) {
      const {variable} = update;
      const [m, v] = [this.slots.get(variable, 'm'), this.slots.get(variable, 'v')];
      const gradient = denseGradient(update);
      if (gradient === null) continue;
      const direction = this.direction(variable, gradient, m, v);
      const ratio = this.unadapted.matches(variable.name) ? 1 : trustRatio(variable, direction);
      variable.assign(tf.sub(variable, tf.mul(direction, tf.mul(ratio, this.learningRate))));
    }
  }

  /** m̂ / (√v̂ + ε) + λ θ, with the moments brought up to date. */
  private direction(variable: tf.Variable, gradient: tf.Tensor, m: tf.Variable, v: tf.Variable): tf.Tensor {
    const {beta1, beta2, epsilon, weightDecay} = this.args;
    const t = this.iterations + 1;
    m.assign(tf.add(tf.mul(m, beta1), tf.mul(gradient, 1 - beta1)));
    v.assign(tf.add(tf.mul(v, beta2), tf.mul(tf.square(gradient), 1 - beta2)));
    const [mHat, vHat] = [tf.mul(m, 1 / (1 - beta1 ** t)), tf.mul(v, 1 / (1 - beta2 ** t))];
    const adam = tf.div(mHat, tf.add(tf.sqrt(vHat), epsilon));
    const decay = this.undecayed.matches(variable.name) ? 0 : weightDecay;
    return decay === 0 ? adam : tf.add(adam, tf.mul(variable, decay));
  }

  override getConfig(): tf.serialization.ConfigDict {
    return {
      learningRate: this.learningRate,
      ...this.args,
      excludeFromDecay: this.undecayed.toConfig() as never,
      excludeFromAdaptation: this.unadapted.toConfig() as never,
    };
  }
}

/** ‖θ‖ / ‖u‖, 1 where either is 0. */
function trustRatio(parameter: tf.Tensor, direction: tf.Tensor): tf.Tensor {
  const [length, step] = [tf.norm(parameter), tf.norm(direction)];
  const usable = tf.logicalAnd(tf.greater(length, 0), tf.greater(step, 0));
  return tf.where(usable, tf.div(length, tf.where(usable, step, tf.scalar(1))), tf.scalar(1));
}

/** Makes a `Lamb`. */
export const lamb = (learningRate: number, args?: LambArgs): Lamb =>
  withKnownOptions(new Lamb(learningRate, args), args);

tf.serialization.registerClass(Lamb);
