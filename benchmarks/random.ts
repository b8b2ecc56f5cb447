import * as tf from '@tensorflow/tfjs';

/** Normal numbers, the same in every run. */
export const normal = <R extends tf.Rank>(shape: tf.ShapeMap[R], seed: number, scale = 1): tf.Tensor<R> =>
  tf.tidy(() => tf.mul(tf.randomNormal(shape, 0, 1, 'float32', seed), scale));
