import * as tf from '@tensorflow/tfjs-core';

/** `x W + b` over the last axis, from tfjs ops: the ground truth. */
export function denseReference(x: tf.Tensor, kernel: tf.Tensor2D, bias: tf.Tensor1D | undefined): tf.Tensor {
  const [inputSize, units] = kernel.shape;
  const rows = rowsOf(x, inputSize);
  const y = bias === undefined ? tf.matMul(rows, kernel) : tf.fused.matMul({a: rows, b: kernel, bias});
  return x.rank === 2 ? y : tf.reshape(y, [...x.shape.slice(0, -1), units]);
}

/** `[..., C]` → `[R, C]`. */
const rowsOf = (x: tf.Tensor, channels: number): tf.Tensor2D =>
  (x.rank === 2 ? x : tf.reshape(x, [-1, channels])) as tf.Tensor2D;

/** The gradients of `x`, of the kernel, and of the bias where there is one. */
export function denseGradientReference(
  dy: tf.Tensor,
  x: tf.Tensor,
  kernel: tf.Tensor2D,
  withBias: boolean,
): tf.Tensor[] {
  const [inputSize, units] = kernel.shape;
  const dRows = rowsOf(dy, units);
  const dx = tf.reshape(tf.matMul(dRows, kernel, false, true), x.shape);
  const dKernel = tf.matMul(rowsOf(x, inputSize), dRows, true, false);
  return withBias ? [dx, dKernel, tf.sum(dRows, 0)] : [dx, dKernel];
}
