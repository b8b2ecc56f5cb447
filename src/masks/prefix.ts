import * as tf from '@tensorflow/tfjs-core';

import {check} from '../internal/check.js';

/**
 * Prefix mask of UniLM: the source reads itself in both directions, the target reads the source and its own past,
 *
 *   M[b, i, j] = c[b, j] ≤ c[b, i],   c = cumulative sum of the segment ids.
 *
 * Padding after the target has the id 0 but stays readable: combine this mask with a padding mask.
 *
 * @param segmentIds `[B, T]`, 0 = source, 1 = target, int32 or float32.
 * @returns `[B, T, T]` bool.
 * @throws RangeError unless `segmentIds` has rank 2.
 *
 * ```ts
 * const segmentIds = tf.tensor2d([[0, 0, 1, 1]], [1, 4], 'int32');
 * tfa.masks.prefix(segmentIds).print(); // 1100, 1100, 1110, 1111
 * ```
 *
 * Reference: Dong et al. 2019, arXiv:1905.03197; bert4keras `UniLM_Mask`; kexue.fm/archives/6933.
 */
export function prefix(segmentIds: tf.Tensor): tf.Tensor3D {
  check(segmentIds.rank === 2, 'masks.prefix', 'segmentIds of shape [B, T]', segmentIds);
  return tf.tidy(() => {
    const order = tf.cumsum(tf.cast(segmentIds, 'int32'), 1);
    return tf.lessEqual(tf.expandDims(order, 1), tf.expandDims(order, 2)) as tf.Tensor3D;
  });
}
