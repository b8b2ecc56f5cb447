import * as tf from '@tensorflow/tfjs-core';

import {check} from '../internal/check.js';

/**
 * Labels `[R, C]` or `[R]` int32 and predictions `[R, C]` in rows, from one-hot labels `[..., C]` or class numbers
 * `[...]` or `[..., 1]`.
 */
export function classRows(
  yTrue: tf.Tensor,
  yPred: tf.Tensor,
  where: string,
): {labels: tf.Tensor; predictions: tf.Tensor2D; lead: number[]} {
  check(yPred.rank > 1, where, 'predictions [..., classes] of at least rank 2', yPred);
  const lead = yPred.shape.slice(0, -1);
  const classes = yPred.shape[yPred.rank - 1] as number;
  const rows = tf.util.sizeFromShape(lead);
  const oneHot = tf.util.arraysEqual(yTrue.shape, yPred.shape);
  const sparse = tf.util.arraysEqual(yTrue.shape, lead) || tf.util.arraysEqual(yTrue.shape, [...lead, 1]);
  check(oneHot || sparse, where, `one-hot labels [${yPred.shape.join(', ')}] or class numbers [${lead.join(', ')}]`, {
    shape: yTrue.shape,
  });
  const labels = oneHot ? tf.reshape(yTrue, [rows, classes]) : tf.reshape(tf.cast(yTrue, 'int32'), [rows]);
  return {labels, predictions: tf.reshape(yPred, [rows, classes]), lead};
}
