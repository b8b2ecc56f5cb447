import * as tf from '@tensorflow/tfjs-core';

import {checkRange, checkShape} from '../../internal/check.js';
import {checkOptions} from '../../internal/known_options.js';
import {rmsNormalizationReference} from './reference.js';

export interface RmsNormalizationOptions {
  /** `[C]`, multiplied at the end. */
  gamma?: tf.Tensor1D;
  /** Added to the mean square, inside the root. Defaults to 1e-7. */
  epsilon?: number;
}

/**
 * Root-mean-square normalisation over the last axis, `y = x / √(mean(x²) + ε) · γ`.
 *
 * @param x `[..., C]`, float32.
 * @returns Same shape.
 * @throws RangeError when γ is not `[C]`.
 *
 * ```ts
 * tfa.rmsNormalization(tf.tensor2d([[3, 4]])).print(); // 0.8485, 1.1314
 * ```
 *
 * Reference: Zhang and Sennrich 2019, arXiv:1910.07467; bert4keras `LayerNormalization(zero_mean=False)`.
 */
export function rmsNormalization<T extends tf.Tensor>(x: T, options: RmsNormalizationOptions = {}): T {
  checkOptions(options, {gamma: true, epsilon: true}, 'rmsNormalization');
  const {gamma, epsilon = 1e-7} = options;
  checkRange(epsilon, 'rmsNormalization', 'epsilon', [0, Number.POSITIVE_INFINITY], {low: true});
  if (gamma !== undefined) checkShape(gamma.shape, x.shape.slice(-1), 'rmsNormalization', 'gamma');
  const inputs = gamma === undefined ? [x] : [x, gamma];
  const op = tf.customGrad((...args) => {
    const given = args.slice(0, -1) as tf.Tensor[];
    (args[args.length - 1] as tf.GradSaveFunc)(given);
    return {
      value: tf.tidy(() => rmsNormalizationReference(given[0], given[1], epsilon)),
      gradFunc: (dy: tf.Tensor, [x, gamma]: tf.Tensor[]) => tf.tidy(() => gradients(dy, x, gamma, epsilon)),
    };
  });
  return op(...inputs) as T;
}

/** With r = 1/√(mean(x²) + ε) and g = γ dy: dx = r g − r³ x mean(x g), dγ = Σ dy x r. */
function gradients(dy: tf.Tensor, x: tf.Tensor, gamma: tf.Tensor | undefined, epsilon: number): tf.Tensor[] {
  const rate = tf.rsqrt(tf.add(tf.mean(tf.square(x), -1, true), epsilon));
  const normal = tf.mul(x, rate);
  const scaled = gamma === undefined ? dy : tf.mul(dy, gamma);
  const dx = tf.mul(rate, tf.sub(scaled, tf.mul(normal, tf.mean(tf.mul(normal, scaled), -1, true))));
  if (gamma === undefined) return [dx];
  const axes = Array.from({length: x.rank - 1}, (_, axis) => axis);
  return [dx, tf.sum(tf.mul(dy, normal), axes)];
}
