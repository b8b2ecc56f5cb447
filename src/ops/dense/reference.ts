import * as tf from '@tensorflow/tfjs-core';

/** `x W + b` over the last axis, from tfjs ops: the ground truth. */
export function denseReference(x: tf.Tensor, kernel: tf.Tensor2D, bias: tf.Tensor1D | undefined): tf.Tensor {
  const [inputSize, units] = kernel.shape;
  const rows = rowsOf(x, inputSize);
  const y = bias === undefined ? tf.matMul(rows, kernel) : tf.fused.matMul({a: rows, b: kernel, bias});
  return x.rank === 2 ? y : tf.reshape(y, [...x.shape.slice(0, -1), units]);
}

/** `[..., C]` → `[R, C]`. */
export const rowsOf = (x: tf.Tensor, channels: number): tf.Tensor2D =>
  (x.rank === 2 ? x : tf.reshape(x, [-1, channels])) as tf.Tensor2D;
