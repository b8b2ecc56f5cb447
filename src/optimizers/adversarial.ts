import * as tf from '@tensorflow/tfjs-core';

import {check, checkInteger, checkOneOf, checkRange} from '../internal/check.js';
import type {Gradients, Update} from '../internal/gradients.js';
import {withKnownOptions} from '../internal/known_options.js';
import {Exchange} from '../internal/optimizers/exchange.js';
import {type NamePattern, NamePatterns} from '../internal/optimizers/name_patterns.js';
import {
  ascend,
  disposeMoved,
  gradientsAt,
  jointNorm,
  type Moved,
  perturbedGradients,
  tidyMoved,
} from '../internal/optimizers/perturbed.js';
import {denseGradient, disposeUpdates} from '../internal/optimizers/updates.js';
import {WrapperOptimizer} from '../internal/optimizers/wrapper.js';

const MODES = ['fgm', 'sign', 'pgd'] as const;

export interface AdversarialArgs {
  /** Radius ε > 0 of the perturbation. Defaults to 0.5. */
  epsilon?: number;
  /** What is perturbed: patterns of variable names. Defaults to `[/embeddings$/]`. */
  variables?: readonly NamePattern[];
  /** `'fgm'`: ε g / ‖g‖; `'sign'`: ε sign(g); `'pgd'`: `steps` ascents, kept within ε. Defaults to `'fgm'`. */
  mode?: (typeof MODES)[number];
  /** Ascents of `'pgd'`. Defaults to 3. */
  steps?: number;
  /** Length of an ascent of `'pgd'`. Defaults to 0.3. */
  stepSize?: number;
}

/**
 * Adversarial training: the gradients are taken where the embeddings are moved towards a larger loss.
 *
 *   fgm:  δ = ε g_S / ‖g_S‖, one norm over all of S;  θ ← inner(θ, ∇L at S + δ);  S itself is restored first
 *
 * A cheap regulariser for text classification. Works under `fit` and `minimize`, which give it the loss;
 * `applyGradients` passes gradients on as they are. A step costs two, of `'pgd'` 1 + `steps`. Loss and metrics are
 * those of the clean pass. A gradient of 0 moves nothing.
 *
 * ```ts
 * const embedding = tf.layers.embedding({inputDim: 100, outputDim: 8, inputLength: 4});
 * const model = tf.sequential({layers: [embedding, tf.layers.flatten(), tf.layers.dense({units: 1})]});
 * model.compile({optimizer: tfa.train.adversarial(tf.train.adam(1e-3)), loss: 'meanSquaredError'});
 * ```
 *
 * Reference: Miyato et al. 2017, arXiv:1605.07725; Madry et al. 2018, arXiv:1706.06083; Su, kexue.fm/archives/7234.
 */
export class Adversarial extends WrapperOptimizer {
  static readonly className: string = 'Adversarial';

  private readonly args: Required<Omit<AdversarialArgs, 'variables'>>;
  private readonly chosen: NamePatterns;
  private readonly exchange = new Exchange('Adversarial', 'restore');

  constructor(
    inner: tf.Optimizer,
    {epsilon = 0.5, variables = [/embeddings$/], mode = 'fgm', steps = 3, stepSize = 0.3}: AdversarialArgs = {},
  ) {
    super(inner);
    checkRange(epsilon, 'Adversarial', 'epsilon', [0, Infinity], {low: true, high: true});
    checkOneOf(mode, MODES, 'Adversarial', 'mode');
    checkInteger(steps, 'Adversarial', 'steps');
    checkRange(stepSize, 'Adversarial', 'stepSize', [0, Infinity], {low: true, high: true});
    this.args = {epsilon, mode, steps, stepSize};
    this.chosen = new NamePatterns(variables, 'Adversarial', 'variables');
  }

  override gradientsOf(f: () => tf.Scalar, variables?: tf.Variable[]): Gradients {
    return perturbedGradients(
      this.core,
      this.exchange,
      clean => this.move(this.select(clean), f, variables),
      f,
      variables,
    );
  }

  private select(updates: readonly Update[]): Update[] {
    const selected = updates.filter(({variable}) => this.chosen.matches(variable.name));
    const names = updates.map(({variable}) => variable.name);
    check(selected.length > 0, 'Adversarial', 'a variable that one of the patterns finds', names);
    return selected;
  }

  private move(clean: readonly Update[], f: () => tf.Scalar, variables?: tf.Variable[]): Moved[] {
    const {epsilon, mode, steps, stepSize} = this.args;
    if (mode === 'fgm') return ascend(clean, epsilon);
    if (mode === 'sign') return clean.map(update => signStep(update, epsilon));
    const start = clean.map(({variable}) => ({variable, value: tf.clone(variable)}));
    let moved = project(start, ascend(clean, stepSize), epsilon);
    for (let step = 1; step < steps; step++) {
      const updates = gradientsAt(this.core, this.exchange, moved, f, variables);
      const next = tidyMoved(() => project(start, ascendFrom(moved, this.select(updates), stepSize), epsilon));
      disposeUpdates(updates);
      disposeMoved(moved);
      moved = next;
    }
    return moved;
  }

  protected step(updates: readonly Update[]): void {
    this.core.update(updates);
  }

  override getConfig(): tf.serialization.ConfigDict {
    return {...super.getConfig(), ...this.args, variables: this.chosen.toConfig() as never};
  }
}

function signStep(update: Update, epsilon: number): Moved {
  const gradient = denseGradient(update) ?? tf.zerosLike(update.variable);
  return {variable: update.variable, value: tf.add(update.variable, tf.mul(tf.sign(gradient), epsilon))};
}

/** `ascend`, from moved values. */
function ascendFrom(moved: readonly Moved[], updates: readonly Update[], radius: number): Moved[] {
  const factor = tf.div(radius, tf.add(jointNorm(updates), 1e-12));
  return moved.map(({variable, value}) => {
    const gradient = denseGradient(updates.find(update => update.variable === variable)!);
    return {variable, value: gradient === null ? tf.clone(value) : tf.add(value, tf.mul(gradient, factor))};
  });
}

/** Draws the whole perturbation back to length ε where it is longer. */
function project(start: readonly Moved[], moved: readonly Moved[], epsilon: number): Moved[] {
  const deltas = moved.map(({variable, value}) => ({
    variable,
    gradient: tf.sub(value, start.find(each => each.variable === variable)!.value),
  }));
  const factor = tf.div(epsilon, tf.maximum(jointNorm(deltas), epsilon));
  return deltas.map(({variable, gradient}) => ({
    variable,
    value: tf.add(start.find(each => each.variable === variable)!.value, tf.mul(gradient, factor)),
  }));
}

/** Makes an `Adversarial`. */
export const adversarial = (inner: tf.Optimizer, args?: AdversarialArgs): Adversarial =>
  withKnownOptions(new Adversarial(inner, args), args);

tf.serialization.registerClass(Adversarial);
