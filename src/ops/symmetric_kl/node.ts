/** The composed ops, some rows at a time: no temporary is larger than a piece. */
import type * as tf from '@tensorflow/tfjs-core';

import type {FusedKernel} from '../../internal/kernels.js';
import {computeByPieces} from '../../internal/row_pieces.js';
import type {KlGradientInputs, KlInputs} from './name.js';
import {
  bernoulliKlGradientReference,
  bernoulliKlReference,
  softmaxKlGradientReference,
  softmaxKlReference,
} from './reference.js';

const divergence = (reference: typeof bernoulliKlReference): FusedKernel<KlInputs, object> => ({
  backend: 'tensorflow',
  run: ({a, b}, _attrs, backend) => {
    const [rows, columns] = a.shape;
    return computeByPieces(backend, [a, b], columns, [[rows]], parts => {
      const [a, b] = parts as tf.Tensor2D[];
      return [reference(a, b)];
    });
  },
});

const gradient = (reference: typeof bernoulliKlGradientReference): FusedKernel<KlGradientInputs, object> => ({
  backend: 'tensorflow',
  run: ({dy, a, b}, _attrs, backend) => {
    const {shape} = a;
    return computeByPieces(backend, [dy, a, b], shape[1] as number, [shape, shape], ([dy, a, b]) =>
      reference(dy as tf.Tensor1D, a as tf.Tensor2D, b as tf.Tensor2D),
    );
  },
});

export const bernoulliKlOnTensorflow = divergence(bernoulliKlReference);
export const bernoulliKlGradientOnTensorflow = gradient(bernoulliKlGradientReference);
export const softmaxKlOnTensorflow = divergence(softmaxKlReference);
export const softmaxKlGradientOnTensorflow = gradient(softmaxKlGradientReference);
