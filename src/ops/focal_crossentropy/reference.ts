import * as tf from '@tensorflow/tfjs-core';

import type {FocalAttrs} from './name.js';

/** The loss `[R]` from tfjs ops: the ground truth for every kernel in this folder. */
export function focalReference(labels: tf.Tensor, logits: tf.Tensor2D, attrs: FocalAttrs): tf.Tensor1D {
  const {t, a, b, positive, negative} = parts(labels, logits, attrs);
  const terms = tf.add(tf.mul(t, tf.mul(positive, a)), tf.mul(tf.sub(1, t), tf.mul(negative, b)));
  return tf.mean(terms, 1);
}

/**
 * Its gradient for the logits: with p = σ(s), a = −log p, b = −log(1 − p),
 *
 *   dy / C · (−t α (1 − p)^γ (γ p a + 1 − p) + (1 − t) (1 − α) p^γ (γ (1 − p) b + p)).
 */
export function focalGradientReference(
  dy: tf.Tensor1D,
  labels: tf.Tensor,
  logits: tf.Tensor2D,
  attrs: FocalAttrs,
): tf.Tensor2D {
  const {t, a, b, positive, negative} = parts(labels, logits, attrs);
  const [p, q] = [tf.sigmoid(logits), tf.sigmoid(tf.neg(logits))];
  const pull = tf.mul(tf.mul(t, positive), tf.add(tf.mul(tf.mul(p, a), attrs.gamma), q));
  const push = tf.mul(tf.mul(tf.sub(1, t), negative), tf.add(tf.mul(tf.mul(q, b), attrs.gamma), p));
  return tf.mul(tf.div(tf.expandDims(dy, 1), logits.shape[1]), tf.sub(push, pull));
}

/** a = −log p, b = −log(1 − p), and the weights α (1 − p)^γ and (1 − α) p^γ. */
function parts(labels: tf.Tensor, logits: tf.Tensor, {alpha, gamma}: FocalAttrs) {
  const [a, b] = [tf.softplus(tf.neg(logits)), tf.softplus(logits)];
  return {
    t: tf.clipByValue(tf.cast(labels, 'float32'), 0, 1),
    a,
    b,
    positive: tf.mul(tf.exp(tf.mul(b, -gamma)), alpha),
    negative: tf.mul(tf.exp(tf.mul(a, -gamma)), 1 - alpha),
  };
}
