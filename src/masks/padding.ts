import * as tf from '@tensorflow/tfjs-core';

import {check, checkInteger} from '../internal/check.js';

/**
 * Padding mask from sequence lengths, `M[b, t] = t < lengths[b]`.
 *
 * @param lengths One a sequence.
 * @param length T, the padded length. Defaults to the largest of `lengths`.
 * @returns `[B, T]` bool.
 * @throws RangeError for a length above T.
 *
 * ```ts
 * tfa.masks.padding([1, 3]).print(); // 100, 111
 * ```
 */
export function padding(lengths: readonly number[], length: number = Math.max(...lengths)): tf.Tensor2D {
  checkInteger(length, 'masks.padding', 'length');
  const keep = new Uint8Array(lengths.length * length);
  lengths.forEach((size, b) => {
    check(Number.isInteger(size) && size >= 0 && size <= length, 'masks.padding', `lengths from 0 to ${length}`, size);
    keep.fill(1, b * length, b * length + size);
  });
  return tf.tensor2d(keep, [lengths.length, length], 'bool');
}
