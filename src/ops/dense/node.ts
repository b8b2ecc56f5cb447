/** Products of two matrices, which TensorFlow does faster than those of batches of one, and the sums of a bias. */
import * as tf from '@tensorflow/tfjs-core';

import type {FusedKernel} from '../../internal/kernels.js';
import {TensorflowOps} from '../../internal/tensorflow_ops.js';
import type {DenseGradientAttrs, DenseGradientInputs, DenseInputs} from './name.js';

export const denseOnTensorflow: FusedKernel<DenseInputs, object> = {
  backend: 'tensorflow',
  run: ({x, kernel, bias}, _, backend) =>
    tf.tidy(() => {
      const ops = new TensorflowOps(backend);
      const units = kernel.shape[1]!;
      const product = multiply(ops, rowsOf(ops, x), kernel);
      const y = bias === undefined ? product : ops.run('BiasAdd', [product, bias]);
      return x.rank === 2 ? y : ops.reshape(y, [...x.shape.slice(0, -1), units]);
    }),
};

export const denseGradientOnTensorflow: FusedKernel<DenseGradientInputs, DenseGradientAttrs> = {
  backend: 'tensorflow',
  run: ({dy, x, kernel}, {withBias}, backend) =>
    tf.tidy(() => {
      const ops = new TensorflowOps(backend);
      const dRows = rowsOf(ops, dy);
      const dInput = multiply(ops, dRows, kernel, {transposeB: true});
      const dx = x.rank === 2 ? dInput : ops.reshape(dInput, x.shape);
      const dKernel = multiply(ops, rowsOf(ops, x), dRows, {transposeA: true});
      return withBias ? [dx, dKernel, ops.run('BiasAddGrad', [dRows])] : [dx, dKernel];
    }),
};

function multiply(ops: TensorflowOps, a: tf.Tensor, b: tf.Tensor, {transposeA = false, transposeB = false} = {}) {
  return ops.run('MatMul', [a, b], {T: 'float32', transpose_a: transposeA, transpose_b: transposeB});
}

/** `[..., C]` → `[R, C]`. */
function rowsOf(ops: TensorflowOps, x: tf.Tensor): tf.Tensor {
  const channels = x.shape[x.rank - 1];
  return x.rank === 2 ? x : ops.reshape(x, [x.size / channels, channels]);
}
