import * as tf from '@tensorflow/tfjs-core';

import {check, checkInteger, checkOneOf, checkShape} from '../../internal/check.js';
import {depthwiseConv1dReference, shifts} from './reference.js';

export type ConvolutionPadding = 'same' | 'causal';

export interface DepthwiseConv1dOptions {
  /** `'same'`: the middle tap is on the token. `'causal'`: the last tap is. Defaults to `'same'`. */
  padding?: ConvolutionPadding;
  /** Distance between taps. Defaults to 1. */
  dilationRate?: number;
}

/**
 * Depthwise convolution over tokens: each channel has a kernel of its own,
 *
 *   y[b, t, c] = Σ_k kernel[k, c] · x[b, t + k·r − offset, c],
 *
 * with zeros outside the sequence. Shifted products instead of a convolution kernel: tfjs has no gradient for
 * dilated ones and none at all on wasm.
 *
 * @param x `[B, T, C]`, float32.
 * @param kernel `[K, C]`; K is odd for `'same'`.
 * @returns `[B, T, C]`.
 * @throws RangeError for shapes that do not belong together.
 *
 * ```ts
 * const x = tf.tensor3d([[[1], [2], [3]]]);
 * tfa.depthwiseConv1d(x, tf.tensor2d([[1], [0], [0]])).print(); // the token before: 0, 1, 2
 * ```
 */
export function depthwiseConv1d(
  x: tf.Tensor3D,
  kernel: tf.Tensor2D,
  {padding = 'same', dilationRate = 1}: DepthwiseConv1dOptions = {},
): tf.Tensor3D {
  const where = 'depthwiseConv1d';
  check(x.rank === 3, where, 'x of shape [B, T, C]', x);
  checkShape(kernel.shape, [null, x.shape[2]], where, 'kernel');
  checkOneOf(padding, ['same', 'causal'], where, 'padding');
  checkInteger(dilationRate, where, 'dilationRate');
  const taps = kernel.shape[0];
  check(padding === 'causal' || taps % 2 === 1, where, "an odd number of taps with padding 'same'", taps);
  const reach = (taps - 1) * dilationRate;
  const before = padding === 'causal' ? reach : reach / 2;
  return tf.customGrad((x, kernel, save) => {
    const inputs = [x, kernel] as [tf.Tensor3D, tf.Tensor2D];
    (save as tf.GradSaveFunc)(inputs);
    return {
      value: tf.tidy(() => depthwiseConv1dReference(inputs[0], inputs[1], dilationRate, before)),
      gradFunc: (dy: tf.Tensor, [x, kernel]: tf.Tensor[]) =>
        tf.tidy(() => [
          depthwiseConv1dReference(
            dy as tf.Tensor3D,
            tf.reverse(kernel as tf.Tensor2D, 0),
            dilationRate,
            reach - before,
          ),
          tf.stack(
            shifts(x as tf.Tensor3D, taps, dilationRate, before).map(shift => tf.sum(tf.mul(shift, dy), [0, 1])),
          ),
        ]),
    };
  })(x, kernel) as tf.Tensor3D;
}
