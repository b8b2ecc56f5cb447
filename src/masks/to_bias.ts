import * as tf from '@tensorflow/tfjs-core';

import {maskedScore} from '../internal/numbers.js';

/**
 * A float bias to add to scores: 0 where the mask is true, `value` elsewhere.
 *
 * The attention ops of this package take the boolean mask itself, and need it to count visible keys; this is for other
 * code.
 *
 * @param mask Bool or 0/1, any shape.
 * @param value Defaults to −1e12, or −6e4 on backends with half floats.
 * @returns float32, same shape.
 *
 * ```ts
 * tfa.masks.toBias(tfa.masks.causal(2), -1e9).print(); // 0 -1e9, 0 0
 * ```
 */
export function toBias(mask: tf.Tensor, value: number = maskedScore()): tf.Tensor {
  return tf.tidy(() => tf.mul(tf.sub(1, tf.cast(mask, 'float32')), value));
}
