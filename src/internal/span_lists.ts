import * as tf from '@tensorflow/tfjs-core';

/** Whether labels are one list of spans a sample, `[B, K, 3]` of (type, start, end). */
export const isSpanList = (labels: tf.Tensor, batch: number): labels is tf.Tensor3D =>
  labels.rank === 3 && labels.shape[0] === batch && labels.shape[2] === 3;

/**
 * Spans by type, `[B, H, K, 2]` of (start, end), from lists `[B, K, 3]` of (type, start, end). Spans of other types
 * become (−1, −1), which is padding. int32.
 */
export function spansByType(list: tf.Tensor3D, types: number): tf.Tensor4D {
  const spans = tf.expandDims(tf.slice(list, [0, 0, 1], [-1, -1, 2]), 1); // [B, 1, K, 2]
  const isOfType = tf.expandDims(spansOfTypes(list, types), 3); // [B, H, K, 1]
  return tf.where(isOfType, spans, tf.scalar(-1, 'int32')) as tf.Tensor4D;
}

/** Whether span k is of type h, `[B, H, K]` bool. */
export const spansOfTypes = (list: tf.Tensor3D, types: number): tf.Tensor3D =>
  tf.equal(
    tf.reshape(tf.slice(list, [0, 0, 0], [-1, -1, 1]), [list.shape[0], 1, list.shape[1]]),
    tf.reshape(tf.range(0, types, 1, 'int32'), [1, types, 1]),
  ) as tf.Tensor3D;
