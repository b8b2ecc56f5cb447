import * as tf from '@tensorflow/tfjs-core';

import {check} from '../internal/check.js';

/**
 * Labels `[R, C]` and predictions `[R, C]` in rows, from one-hot labels `[..., C]` or class numbers `[...]` or
 * `[..., 1]`. A number outside [0, C) is a row of zeros.
 */
export function classRows(
  yTrue: tf.Tensor,
  yPred: tf.Tensor,
  where: string,
): {labels: tf.Tensor2D; predictions: tf.Tensor2D; lead: number[]} {
  check(yPred.rank > 1, where, 'predictions [..., classes] of at least rank 2', yPred);
  const lead = yPred.shape.slice(0, -1);
  const classes = yPred.shape[yPred.rank - 1] as number;
  const rows = tf.util.sizeFromShape(lead);
  const oneHot = tf.util.arraysEqual(yTrue.shape, yPred.shape);
  const sparse = tf.util.arraysEqual(yTrue.shape, lead) || tf.util.arraysEqual(yTrue.shape, [...lead, 1]);
  check(oneHot || sparse, where, `one-hot labels [${yPred.shape.join(', ')}] or class numbers [${lead.join(', ')}]`, {
    shape: yTrue.shape,
  });
  const labels = oneHot
    ? tf.reshape(tf.cast(yTrue, 'float32'), [rows, classes])
    : tf.cast(tf.equal(tf.reshape(tf.cast(yTrue, 'int32'), [rows, 1]), tf.range(0, classes, 1, 'int32')), 'float32');
  return {labels: labels as tf.Tensor2D, predictions: tf.reshape(yPred, [rows, classes]), lead};
}
