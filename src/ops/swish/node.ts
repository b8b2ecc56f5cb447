/** TensorFlow's gradient of softplus, g / (1 + exp(−x)), is g σ(x) in one pass; with g = x it is swish. */
import * as tf from '@tensorflow/tfjs-core';

import type {FusedKernel} from '../../internal/kernels.js';
import {TensorflowOps} from '../../internal/tensorflow_ops.js';
import type {SwishGradientInputs, SwishInputs} from './name.js';

export const swishOnTensorflow: FusedKernel<SwishInputs, object> = {
  backend: 'tensorflow',
  run: ({x}, _, backend) => timesSigmoid(new TensorflowOps(backend), x, x),
};

export const swishGradientOnTensorflow: FusedKernel<SwishGradientInputs, object> = {
  backend: 'tensorflow',
  run: ({dy, x, y}, _, backend) =>
    tf.tidy(() => {
      const ops = new TensorflowOps(backend);
      return ops.mul(timesSigmoid(ops, dy, x), ops.add(ops.sub(x, y), 1));
    }),
};

const timesSigmoid = (ops: TensorflowOps, g: tf.Tensor, x: tf.Tensor): tf.Tensor => ops.run('SoftplusGrad', [g, x]);
