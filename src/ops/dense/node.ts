/** One matrix product and one addition, between changes of shape that move no data. */
import * as tf from '@tensorflow/tfjs-core';

import type {FusedKernel} from '../../internal/kernels.js';
import {TensorflowOps} from '../../internal/tensorflow_ops.js';
import type {DenseInputs} from './name.js';

export const denseOnTensorflow: FusedKernel<DenseInputs, object> = {
  backend: 'tensorflow',
  run: ({x, kernel, bias}, _, backend) =>
    tf.tidy(() => {
      const ops = new TensorflowOps(backend);
      const [inputSize, units] = kernel.shape;
      const rows = x.rank === 2 ? x : ops.reshape(x, [x.size / inputSize, inputSize]);
      const product = ops.run('MatMul', [rows, kernel], {T: 'float32', transpose_a: false, transpose_b: false});
      const y = bias === undefined ? product : ops.run('BiasAdd', [product, bias]);
      return x.rank === 2 ? y : ops.reshape(y, [...x.shape.slice(0, -1), units]);
    }),
};
