/** Broadcasting whose gradients have the shapes of the inputs, which tfjs gets wrong for several ops. */
import * as tf from '@tensorflow/tfjs-core';

/** Sums `x` over the axes along which `shape` was broadcast to it: the gradient of broadcasting. */
export function sumToShape<T extends tf.Tensor>(x: T, shape: readonly number[]): T {
  if (tf.util.arraysEqual(x.shape, shape as number[])) return x;
  const lead = x.rank - shape.length;
  const axes = x.shape
    .map((_, axis) => axis)
    .filter(axis => axis < lead || (shape[axis - lead] === 1 && x.shape[axis] !== 1));
  return tf.reshape(tf.sum(x, axes), shape as number[]) as unknown as T;
}
