import * as tf from '@tensorflow/tfjs-core';

import {ABSENT_BELOW, maskedScore} from '../../internal/numbers.js';
import type {MultilabelAttrs} from './name.js';

/**
 * The two logarithms `[R, 2]`, whose sum is the loss, from tfjs ops: the ground truth for every kernel in this folder.
 */
export function logSumsReference(labels: tf.Tensor, logits: tf.Tensor2D, attrs: MultilabelAttrs): tf.Tensor2D {
  const {negative, positive} = logPartitions(labels, logits, attrs);
  return tf.concat([negative.logPartition, positive.logPartition], 1);
}

/** The gradient `[R, C]` for the logits: dy · ((1 − t) eˢ / Z₋ − t e⁻ˢ / Z₊). */
export function multilabelGradientReference(
  dy: tf.Tensor1D,
  labels: tf.Tensor,
  logits: tf.Tensor2D,
  attrs: MultilabelAttrs,
): tf.Tensor2D {
  const {negative, positive} = logPartitions(labels, logits, attrs);
  return tf.mul(tf.expandDims(dy, 1), tf.sub(shares(negative), shares(positive)));
}

/**
 * The gradient of Σ v · multilabelGradientReference for dy and for the logits: with p and q the shares of both
 * sums, Σ v (p − q) and dy (p (v − Σ p v) + q (v − Σ q v)).
 */
export function multilabelSecondGradient(
  v: tf.Tensor2D,
  dy: tf.Tensor1D,
  labels: tf.Tensor,
  logits: tf.Tensor2D,
  attrs: MultilabelAttrs,
): [tf.Tensor1D, tf.Tensor2D] {
  const {negative, positive} = logPartitions(labels, logits, attrs);
  const [p, q] = [shares(negative), shares(positive)];
  const [pv, qv] = [p, q].map(share => tf.sum(tf.mul(share, v), 1, true)); // [R, 1]
  const curvature = tf.add(tf.mul(p, tf.sub(v, pv)), tf.mul(q, tf.sub(v, qv)));
  return [tf.squeeze(tf.sub(pv, qv), [1]) as tf.Tensor1D, tf.mul(tf.expandDims(dy, 1), curvature)];
}

/** One of the two sums 1 + Σ w exp(x), of the negative or of the positive classes. */
interface Side {
  /** Exponents; a large negative number where the weight is 0. `[R, C]` */
  exponents: tf.Tensor2D;
  /** Weights 1 − t or t. `[R, C]` */
  weights: tf.Tensor2D;
  /** log(1 + Σ w exp(x)). `[R, 1]` */
  logPartition: tf.Tensor2D;
}

function logPartitions(labels: tf.Tensor, logits: tf.Tensor2D, attrs: MultilabelAttrs) {
  const t = attrs.form === 'dense' ? denseLabels(labels) : multiHot(labels, logits.shape[1], attrs);
  let present = tf.logicalNot(tf.less(logits, ABSENT_BELOW));
  if (attrs.maskZero) present = tf.logicalAnd(present, tf.greater(tf.range(0, logits.shape[1], 1, 'int32'), 0));
  const safe = tf.sub(tf.where(present, logits, tf.zerosLike(logits)), attrs.threshold) as tf.Tensor2D;
  return {
    negative: sideOf(safe, tf.sub(1, t), present),
    positive: sideOf(tf.neg(safe), t, present),
  };
}

function sideOf(x: tf.Tensor2D, weights: tf.Tensor2D, present: tf.Tensor): Side {
  const counted = tf.logicalAnd(present, tf.greater(weights, 0));
  const exponents = tf.where(counted, x, tf.fill(x.shape, maskedScore())) as tf.Tensor2D;
  const largest = tf.relu(tf.max(exponents, 1, true)); // the 1 is exp(0)
  const sum = tf.sum(tf.mul(weights, tf.exp(tf.sub(exponents, largest))), 1, true);
  const logPartition = tf.add(largest, tf.log(tf.add(sum, tf.exp(tf.neg(largest))))) as tf.Tensor2D;
  return {exponents, weights, logPartition};
}

/** w exp(x) / (1 + Σ w exp(x)). */
const shares = ({exponents, weights, logPartition}: Side): tf.Tensor2D =>
  tf.mul(weights, tf.exp(tf.sub(exponents, logPartition)));

/** Degrees of any dtype, clipped to [0, 1]. */
export const denseLabels = (labels: tf.Tensor): tf.Tensor2D =>
  tf.clipByValue(tf.cast(labels, 'float32'), 0, 1) as tf.Tensor2D;

/** `[R, C]`: 1 at the listed classes, once however often listed; indices outside [0, C) are padding. */
function multiHot(labels: tf.Tensor, classes: number, {form, maskZero, side}: MultilabelAttrs): tf.Tensor2D {
  const indices = form === 'spans' ? cellsOf(labels as tf.Tensor3D, side) : (labels as tf.Tensor2D);
  const columns = tf.range(0, classes, 1, 'int32');
  let hot: tf.Tensor = tf.zeros([indices.shape[0], classes], 'bool');
  for (const index of tf.split(indices, indices.shape[1], 1)) hot = tf.logicalOr(hot, tf.equal(index, columns));
  if (maskZero) hot = tf.logicalAnd(hot, tf.greater(columns, 0));
  return tf.cast(hot, 'float32') as tf.Tensor2D;
}

/** start · side + end, and −1 for a span that is not in the square. */
export function cellsOf(spans: tf.Tensor3D, side: number): tf.Tensor2D {
  const [starts, ends] = tf.unstack(spans, 2) as tf.Tensor2D[];
  const inside = tf.logicalAnd(
    tf.logicalAnd(tf.greaterEqual(starts, 0), tf.less(starts, side)),
    tf.logicalAnd(tf.greaterEqual(ends, 0), tf.less(ends, side)),
  );
  return tf.where(inside, tf.add(tf.mul(starts, tf.scalar(side, 'int32')), ends), tf.fill(starts.shape, -1, 'int32'));
}
