import * as tf from '@tensorflow/tfjs-core';

/** One step on the loss 2x, whose gradient is 2: gradient descent with a rate of 0.5 moves x by −1. */
export const descend = (optimizer: tf.Optimizer, x: tf.Variable): void => {
  optimizer.minimize(() => tf.sum(tf.mul(x, 2)) as tf.Scalar, false, [x]);
};

/** One step with the given gradient. */
export function applyOne(optimizer: tf.Optimizer, x: tf.Variable, gradient: tf.TensorLike): void {
  tf.tidy(() => optimizer.applyGradients([{name: x.name, tensor: tf.tensor(gradient, x.shape)}]));
}
