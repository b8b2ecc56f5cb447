import * as tf from '@tensorflow/tfjs-core';

import {check} from '../internal/check.js';
import {defineLoss, defineLossMaker, type LossFunction} from '../internal/named_functions.js';

export interface GlobalPointerF1Args {
  /** A span is predicted where the score is strictly above this. Default 0. */
  threshold?: number;
}

/**
 * F1 of the spans of one batch, 2 Σ t·[s > 0] / Σ (t + [s > 0]), over all samples and heads; 1 when no span is
 * labelled and none predicted.
 *
 * For `compile({metrics: [tfa.metrics.globalPointerF1]})`. tfjs averages it over the batches, which is not the F1 of
 * the corpus: that is counted by `GlobalPointerF1`. `globalPointerF1Metric({threshold})` makes one with options.
 *
 * @param yTrue `[B, H, T, T]` labels, 1 for a span.
 * @param yPred `[B, H, T, T]` scores.
 * @returns A scalar.
 *
 * ```ts
 * const labels = tf.tensor4d([[[[1, 0], [0, 1]]]]);
 * const scores = tf.tensor4d([[[[2, -1], [-1, -1]]]]);
 * tfa.metrics.globalPointerF1(labels, scores).print(); // 2·1 / (2 + 1)
 * ```
 *
 * Reference: bojone/GlobalPointer `global_pointer_f1_score`, which is NaN where nothing is labelled or predicted.
 */
export const globalPointerF1: LossFunction = defineLoss('globalPointerF1', (yTrue, yPred) => f1(yTrue, yPred, 0));

/** `globalPointerF1` with options. */
export const globalPointerF1Metric: (args?: GlobalPointerF1Args) => LossFunction = defineLossMaker(
  'globalPointerF1Metric',
  ({threshold = 0}: GlobalPointerF1Args = {}) => {
    check(Number.isFinite(threshold), 'globalPointerF1Metric', 'threshold to be finite', threshold);
    return (yTrue, yPred) => f1(yTrue, yPred, threshold);
  },
  {threshold: true},
);

function f1(yTrue: tf.Tensor, yPred: tf.Tensor, threshold: number): tf.Tensor {
  return tf.tidy(() => {
    const [correct, predicted, labelled] = tf.unstack(tf.sum(spanCountsByHead(yTrue, yPred, threshold), 1));
    const all = tf.add(predicted, labelled);
    return tf.where(tf.greater(all, 0), tf.div(tf.mul(2, correct), tf.maximum(all, 1)), tf.onesLike(all));
  });
}

/** `[3, H]`: how many spans are correct, predicted and labelled in each head. */
export function spanCountsByHead(yTrue: tf.Tensor, yPred: tf.Tensor, threshold: number): tf.Tensor2D {
  const where = 'globalPointerF1';
  check(yPred.rank === 4, where, 'scores [batch, heads, length, length]', yPred);
  check(
    tf.util.arraysEqual(yTrue.shape, yPred.shape),
    where,
    `labels of shape [${yPred.shape.join(', ')}], that of the scores`,
    {shape: yTrue.shape},
  );
  return tf.tidy(() => {
    const labelled = tf.greater(tf.cast(yTrue, 'float32'), 0.5);
    const predicted = tf.greater(yPred, threshold);
    const correct = tf.logicalAnd(labelled, predicted);
    const inSquares = [correct, predicted, labelled].map(hits => tf.sum(tf.cast(hits, 'float32'), [2, 3])); // [B, H]
    const counts = inSquares.map(hits => tf.sum(hits, 0)); // apart: webgpu cannot transpose what was cast from bool
    return tf.stack(counts) as tf.Tensor2D;
  });
}
