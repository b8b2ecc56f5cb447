import * as tf from '@tensorflow/tfjs-core';

/** `x / √(mean(x²) + ε) · γ` from composed tfjs ops: the ground truth. */
export function rmsNormalizationReference(x: tf.Tensor, gamma: tf.Tensor | undefined, epsilon: number): tf.Tensor {
  const normal = tf.mul(x, tf.rsqrt(tf.add(tf.mean(tf.square(x), -1, true), epsilon)));
  return gamma === undefined ? normal : tf.mul(normal, gamma);
}
