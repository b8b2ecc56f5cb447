import * as tf from '@tensorflow/tfjs-core';

/** `x σ(x)` from tfjs ops: the ground truth. */
export const swishReference = (x: tf.Tensor): tf.Tensor => tf.mul(x, tf.sigmoid(x));

/** dx = dy σ (1 + x − y), which is dy (σ + x σ (1 − σ)). */
export const swishGradientReference = (dy: tf.Tensor, x: tf.Tensor, y: tf.Tensor): tf.Tensor =>
  tf.mul(tf.mul(dy, tf.sigmoid(x)), tf.add(tf.sub(x, y), 1));
