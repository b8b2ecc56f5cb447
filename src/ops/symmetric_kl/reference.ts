import * as tf from '@tensorflow/tfjs-core';

import {detached} from '../../internal/detached.js';
import {ABSENT_BELOW} from '../../internal/numbers.js';

/** Σ (σ(a) − σ(b)) (a − b) of each row from tfjs ops: the ground truth for every kernel in this folder. */
export function bernoulliKlReference(a: tf.Tensor2D, b: tf.Tensor2D): tf.Tensor1D {
  const [s, t] = presentPairs(a, b);
  return tf.sum(tf.mul(tf.sub(tf.sigmoid(s), tf.sigmoid(t)), tf.sub(s, t)), 1);
}

/** Its gradient for both: σ′(a) (a − b) + σ(a) − σ(b), and the same with a and b exchanged. */
export function bernoulliKlGradientReference(
  dy: tf.Tensor1D,
  a: tf.Tensor2D,
  b: tf.Tensor2D,
): [tf.Tensor2D, tf.Tensor2D] {
  const [s, t] = presentPairs(a, b);
  const [p, q, gap] = [tf.sigmoid(s), tf.sigmoid(t), tf.sub(s, t)];
  const difference = tf.sub(p, q);
  const slope = (probability: tf.Tensor) => tf.mul(tf.mul(probability, tf.sub(1, probability)), gap);
  const factor = tf.expandDims(dy, 1);
  const forA = tf.mul(factor, tf.add(slope(p), difference));
  const forB = tf.neg(tf.mul(factor, tf.add(slope(q), difference)));
  return [forA as tf.Tensor2D, forB as tf.Tensor2D];
}

/** Both logits, 0 where either is −Infinity. */
function presentPairs(a: tf.Tensor2D, b: tf.Tensor2D): [tf.Tensor, tf.Tensor] {
  const absent = detached(a, a => tf.logicalOr(tf.less(a, ABSENT_BELOW), tf.less(b, ABSENT_BELOW)));
  const zero = tf.zerosLike(a);
  return [tf.where(absent, zero, a), tf.where(absent, zero, b)];
}

/** Σ (p − q) (log p − log q) of the softmax of each row. */
export function softmaxKlReference(a: tf.Tensor2D, b: tf.Tensor2D): tf.Tensor1D {
  const {difference, gap} = compare(a, b);
  return tf.sum(tf.mul(difference, gap), 1);
}

/**
 * Its gradient for both: p (gap − Σ p gap) + p − q, and the negative of the same with q in the place of the first p's.
 */
export function softmaxKlGradientReference(
  dy: tf.Tensor1D,
  a: tf.Tensor2D,
  b: tf.Tensor2D,
): [tf.Tensor2D, tf.Tensor2D] {
  const {p, q, difference, gap} = compare(a, b);
  const factor = tf.expandDims(dy, 1);
  const pull = (share: tf.Tensor) => tf.mul(share, tf.sub(gap, tf.sum(tf.mul(share, gap), 1, true)));
  const forA = tf.mul(factor, tf.add(pull(p), difference));
  return [forA as tf.Tensor2D, tf.neg(tf.mul(factor, tf.add(pull(q), difference))) as tf.Tensor2D];
}

function compare(a: tf.Tensor, b: tf.Tensor) {
  const [logP, logQ] = [tf.logSoftmax(a), tf.logSoftmax(b)];
  const [p, q] = [tf.exp(logP), tf.exp(logQ)];
  return {p, q, difference: tf.sub(p, q), gap: tf.sub(logP, logQ)};
}
