import * as tf from '@tensorflow/tfjs-core';

import {check} from '../internal/check.js';
import {defineLoss, defineLossMaker, type LossFunction} from '../internal/named_functions.js';
import {isSpanList, spansByType} from '../internal/span_lists.js';

export interface SparseGlobalPointerF1Args {
  /** A span is predicted where the score is strictly above this. Default 0. */
  threshold?: number;
  /** The span (0, 0) is padding, as in the loss. Default true. */
  maskZero?: boolean;
}

/**
 * `globalPointerF1` with the labels of `losses.sparseGlobalPointerCrossentropy`: lists of spans.
 *
 * @param yTrue `[B, H, K, 2]` spans (start, end), or `[B, K, 3]` spans (head, start, end), padded.
 * @param yPred `[B, H, T, T]` scores.
 * @returns A scalar.
 *
 * ```ts
 * const spans = tfa.spanLabels([[{head: 0, start: 0, end: 1}]], {heads: 1});
 * tfa.metrics.sparseGlobalPointerF1(spans, tf.tensor4d([[[[-1, 2], [-1, 3]]]])).print(); // 2·1 / (1 + 2)
 * ```
 */
export const sparseGlobalPointerF1: LossFunction = defineLoss('sparseGlobalPointerF1', (yTrue, yPred) =>
  f1(yTrue, yPred, {}),
);

/** `sparseGlobalPointerF1` with options. */
export const sparseGlobalPointerF1Metric: (args?: SparseGlobalPointerF1Args) => LossFunction = defineLossMaker(
  'sparseGlobalPointerF1Metric',
  (args: SparseGlobalPointerF1Args = {}) =>
    (yTrue, yPred) =>
      f1(yTrue, yPred, args),
  {threshold: true, maskZero: true},
);

function f1(
  yTrue: tf.Tensor,
  yPred: tf.Tensor,
  {threshold = 0, maskZero = true}: SparseGlobalPointerF1Args,
): tf.Tensor {
  const [batch, heads, length] = yPred.shape as [number, number, number, number];
  check(
    yPred.rank === 4 &&
      (isSpanList(yTrue, batch) || (yTrue.rank === 4 && yTrue.shape[1] === heads && yTrue.shape[3] === 2)),
    'sparseGlobalPointerF1',
    `spans of shape [${batch}, ${heads}, K, 2] or [${batch}, K, 3]`,
    {shape: yTrue.shape},
  );
  return tf.tidy(() => {
    const rows = batch * heads;
    const labels = tf.cast(yTrue, 'int32');
    const byType = labels.rank === 3 ? spansByType(labels as tf.Tensor3D, heads) : labels;
    const spans = tf.reshape(byType, [rows, byType.shape[2] as number, 2]);
    const [starts, ends] = tf.unstack(spans, 2) as tf.Tensor2D[]; // [B·H, K]
    const inside = tf.logicalAnd(isIndex(starts, length), isIndex(ends, length));
    const counts = tf.logicalAnd(inside, isFirst(starts, ends));
    const labelled = maskZero ? tf.logicalAnd(counts, tf.greater(tf.add(starts, ends), 0)) : counts;
    const found = tf.greater(yPred, threshold); // [B, H, T, T]
    const correct = tf.logicalAnd(labelled, lookUp(tf.reshape(found, [rows * length, length]), starts, ends, inside));
    const padding = maskZero ? count(tf.slice(found, [0, 0, 0, 0], [batch, heads, 1, 1])) : tf.scalar(0);
    const all = tf.add(tf.sub(count(found), padding), count(labelled));
    return tf.where(tf.greater(all, 0), tf.div(tf.mul(2, count(correct)), tf.maximum(all, 1)), tf.onesLike(all));
  });
}

const count = (hits: tf.Tensor): tf.Tensor => tf.sum(tf.cast(hits, 'float32'));

const isIndex = (x: tf.Tensor, size: number): tf.Tensor => tf.logicalAnd(tf.greaterEqual(x, 0), tf.less(x, size));

/** Whether no earlier span of the row is the same. `[B·H, K]` */
function isFirst(starts: tf.Tensor2D, ends: tf.Tensor2D): tf.Tensor {
  const spans = starts.shape[1];
  const same = [starts, ends].map(x => tf.equal(tf.expandDims(x, 2), tf.expandDims(x, 1))); // [B·H, K, K]
  const order = tf.range(0, spans, 1, 'int32');
  const earlier = tf.less(tf.expandDims(order, 0), tf.expandDims(order, 1)); // [K, K]
  const repeats = tf.logicalAnd(tf.logicalAnd(same[0], same[1]), earlier);
  return tf.logicalNot(tf.any(repeats, 2));
}

/** `found[row · T + start, end]` by rows, as flat cell numbers do not fit the float32 in which GPUs compute them. */
function lookUp(found: tf.Tensor2D, starts: tf.Tensor2D, ends: tf.Tensor2D, inside: tf.Tensor): tf.Tensor {
  const [rows, spans] = starts.shape;
  const length = found.shape[1];
  const first = tf.expandDims(tf.range(0, rows * length, length, 'int32'), 1); // [B·H, 1]
  const safe = tf.where(inside, starts, tf.zerosLike(starts));
  const lines = tf.gather(tf.cast(found, 'float32'), tf.reshape(tf.add(first, safe), [rows * spans]));
  const cells = tf.equal(tf.reshape(ends, [rows * spans, 1]), tf.range(0, length, 1, 'int32'));
  return tf.reshape(tf.any(tf.logicalAnd(tf.cast(lines, 'bool'), cells), 1), [rows, spans]);
}
