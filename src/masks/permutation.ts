import * as tf from '@tensorflow/tfjs-core';

import {check} from '../internal/check.js';

/**
 * Mask of a permuted language model: a token reads what is generated no later than itself, `M[b, i, j] = r[b, j] ≤ r[b,
 * i]`.
 *
 * @param rank r, `[B, T]`: the place of each position in the order of generation.
 * @returns `[B, T, T]` bool.
 * @throws RangeError unless `rank` has rank 2.
 *
 * ```ts
 * tfa.masks.permutation(tf.tensor2d([[2, 0, 1]])).print(); // 111, 010, 011
 * ```
 *
 * Reference: kexue.fm/archives/6933.
 */
export function permutation(rank: tf.Tensor): tf.Tensor3D {
  check(rank.rank === 2, 'masks.permutation', 'rank of shape [B, T]', rank);
  return tf.tidy(() => tf.lessEqual(tf.expandDims(rank, 1), tf.expandDims(rank, 2)) as tf.Tensor3D);
}
