import * as tf from '@tensorflow/tfjs-core';

/** `compute(x)` through which no gradient flows; its ops need none. */
export function detached<T extends tf.Tensor>(x: T, compute: (x: T) => tf.Tensor): tf.Tensor {
  const {shape} = x;
  return tf.customGrad(input => ({
    value: tf.tidy(() => compute(input as T)),
    gradFunc: () => tf.zeros(shape),
  }))(x);
}
