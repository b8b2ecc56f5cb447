import * as tf from '@tensorflow/tfjs-core';

import {checkInteger, checkRange} from '../internal/check.js';
import type {Update} from '../internal/gradients.js';
import {withKnownOptions} from '../internal/known_options.js';
import {AddonsOptimizer} from '../internal/optimizers/optimizer.js';
import {denseGradient} from '../internal/optimizers/updates.js';

export interface AdafactorArgs {
  /** Decay β₁ of a momentum over the steps, in [0, 1); 0 for none. Defaults to 0. */
  beta1?: number;
  /** Decay of the second moment is β₂ = 1 − t^−decayExponent. Defaults to 0.8. */
  decayExponent?: number;
  /** Added to g² and under the root. Defaults to 1e-30. */
  epsilon?: number;
  /** Least root mean square of a variable that its steps are scaled to. Defaults to 1e-3. */
  minScale?: number;
  /** Steps are relative to the variable's root mean square. Defaults to true. */
  scaleToParameter?: boolean;
  /** Bound of the step's root mean square before scaling; 0 for none. Defaults to 1. */
  clipThreshold?: number;
  /** Tensors whose second largest axis is at least this long are factored. Defaults to 128. */
  minFactoredSize?: number;
}

/**
 * Adafactor: Adam's second moment of a matrix from its row and column means, so that it costs next to no memory.
 *
 *   r ← β₂ r + (1 − β₂) mean_columns(g² + ε);   c ← β₂ c + (1 − β₂) mean_rows(g² + ε);   v = r c / mean(r)
 *   u = g / √(v + ε), clipped to a root mean square of 1;   θ ← θ − η max(rms θ, 1e-3) u
 *
 * State per variable: `row` and `column` for large matrices, `v` of the full shape for the rest, and `m` where
 * β₁ > 0. The paper's own rate is
 * `schedule(adafactor(1), t => Math.min(1 / Math.sqrt(t + 1), 0.01))`.
 *
 * ```ts
 * const optimizer = tfa.train.adafactor(1e-2);
 * const x = tf.variable(tf.tensor1d([1, 2]));
 * optimizer.minimize(() => tf.sum(tf.square(x)));
 * ```
 *
 * Reference: Shazeer & Stern 2018, arXiv:1804.04235; the details are bert4keras's `AdaFactor`.
 */
export class Adafactor extends AddonsOptimizer {
  static readonly className: string = 'Adafactor';

  private readonly args: Required<AdafactorArgs>;

  constructor(
    public learningRate: number,
    {
      beta1 = 0,
      decayExponent = 0.8,
      epsilon = 1e-30,
      minScale = 1e-3,
      scaleToParameter = true,
      clipThreshold = 1,
      minFactoredSize = 128,
    }: AdafactorArgs = {},
  ) {
    super();
    checkRange(learningRate, 'Adafactor', 'learningRate', [0, Infinity], {high: true});
    checkRange(beta1, 'Adafactor', 'beta1', [0, 1], {high: true});
    checkRange(decayExponent, 'Adafactor', 'decayExponent', [0, Infinity], {low: true, high: true});
    checkRange(epsilon, 'Adafactor', 'epsilon', [0, Infinity], {low: true, high: true});
    checkRange(minScale, 'Adafactor', 'minScale', [0, Infinity], {high: true});
    checkRange(clipThreshold, 'Adafactor', 'clipThreshold', [0, Infinity], {high: true});
    checkInteger(minFactoredSize, 'Adafactor', 'minFactoredSize');
    this.args = {beta1, decayExponent, epsilon, minScale, scaleToParameter, clipThreshold, minFactoredSize};
  }

  protected step(updates: readonly Update[]): void {
    const {beta1, epsilon, minScale, scaleToParameter, clipThreshold} = this.args;
    for (const update of updates) {
      const {variable} = update;
      const gradient = denseGradient(update) ?? undefined;
      const variance = this.variance(variable, gradient);
      const momentum = beta1 > 0 ? this.slots.get(variable, 'm') : undefined;
      if (gradient === undefined || variance === undefined) continue;
      let direction = tf.div(gradient, tf.sqrt(tf.add(variance, epsilon)));
      if (clipThreshold > 0) {
        direction = tf.div(direction, tf.maximum(tf.div(rootMeanSquare(direction), clipThreshold), 1));
      }
      if (momentum !== undefined) {
        momentum.assign(tf.add(tf.mul(momentum, beta1), tf.mul(direction, 1 - beta1)));
        direction = momentum;
      }
      const scale = scaleToParameter ? tf.maximum(rootMeanSquare(variable), minScale) : tf.scalar(1);
      variable.assign(tf.sub(variable, tf.mul(direction, tf.mul(scale, this.learningRate))));
    }
  }

  /** The second moment v, brought up to date; only the slots where there is no gradient. */
  private variance(variable: tf.Variable, gradient: tf.Tensor | undefined): tf.Tensor | undefined {
    const beta2 = 1 - (this.iterations + 1) ** -this.args.decayExponent;
    const squares = gradient && tf.add(tf.square(gradient), this.args.epsilon);
    const axes = factoredAxes(variable.shape, this.args.minFactoredSize);
    const mix = (slot: tf.Variable, value: tf.Tensor) =>
      slot.assign(tf.add(tf.mul(slot, beta2), tf.mul(value, 1 - beta2)));
    if (axes === undefined) {
      const v = this.slots.get(variable, 'v');
      if (squares) mix(v, squares);
      return v;
    }
    const [larger, smaller] = axes;
    const row = this.slots.get(variable, 'row', {shape: withOne(variable.shape, larger)});
    const column = this.slots.get(variable, 'column', {shape: withOne(variable.shape, smaller)});
    if (!squares) return undefined;
    mix(row, tf.mean(squares, larger, true));
    mix(column, tf.mean(squares, smaller, true));
    return tf.mul(tf.div(row, tf.mean(row, smaller, true)), column);
  }

  override getConfig(): tf.serialization.ConfigDict {
    return {learningRate: this.learningRate, ...this.args};
  }
}

const rootMeanSquare = (x: tf.Tensor): tf.Tensor => tf.sqrt(tf.mean(tf.square(x)));

const withOne = (shape: number[], axis: number): number[] => shape.map((size, i) => (i === axis ? 1 : size));

/** The largest axis and the second largest, where that is long enough. */
function factoredAxes(shape: number[], least: number): [number, number] | undefined {
  if (shape.length < 2) return undefined;
  const axes = shape.map((_, axis) => axis).sort((a, b) => shape[b] - shape[a] || b - a);
  return shape[axes[1]] >= least ? [axes[0], axes[1]] : undefined;
}

/** Makes an `Adafactor`. */
export const adafactor = (learningRate: number, args?: AdafactorArgs): Adafactor =>
  withKnownOptions(new Adafactor(learningRate, args), args);

tf.serialization.registerClass(Adafactor);
