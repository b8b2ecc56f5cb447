/**
 * Pairs of channels as complex numbers times exp(i·angle): one pass over x, between changes of type and shape that
 * move no data. Composed ops make eight passes over halves of x.
 */
import * as tf from '@tensorflow/tfjs-core';

import type {FusedKernel} from '../../internal/kernels.js';
import {TensorflowOps} from '../../internal/tensorflow_ops.js';
import type {RotaryAttrs, RotaryInputs} from './name.js';

export const rotaryOnTensorflow: FusedKernel<RotaryInputs, RotaryAttrs> = {
  backend: 'tensorflow',
  unsupported: (_, {layout}) => (layout === 'half' ? "layout 'half': its pairs do not lie side by side" : undefined),
  run: ({x, cos, sin}, _, backend) =>
    tf.tidy(() => {
      const ops = new TensorflowOps(backend);
      const pairs = ops.toComplex(ops.reshape(x, [...x.shape.slice(0, -1), x.shape[x.rank - 1] / 2, 2]));
      const turns = ops.run('Complex', [cos, sin], {T: 'float32', Tout: 'complex64'});
      return ops.reshape(ops.fromComplex(ops.run('Mul', [pairs, turns], {T: 'complex64'})), x.shape);
    }),
};
