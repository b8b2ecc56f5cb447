/** The composed ops, some rows at a time: no temporary is larger than a piece. */
import type * as tf from '@tensorflow/tfjs-core';

import type {FusedKernel} from '../../internal/kernels.js';
import {computeByPieces} from '../../internal/row_pieces.js';
import type {FocalAttrs, FocalGradientInputs, FocalInputs} from './name.js';
import {focalGradientReference, focalReference} from './reference.js';

export const focalOnTensorflow: FusedKernel<FocalInputs, FocalAttrs> = {
  backend: 'tensorflow',
  run: ({logits, labels}, attrs, backend) => {
    const [rows, classes] = logits.shape;
    return computeByPieces(backend, [logits, labels], classes, [[rows]], ([logits, labels]) => [
      focalReference(labels, logits as tf.Tensor2D, attrs),
    ]);
  },
};

export const focalGradientOnTensorflow: FusedKernel<FocalGradientInputs, FocalAttrs> = {
  backend: 'tensorflow',
  run: ({dy, logits, labels}, attrs, backend) => {
    const {shape} = logits;
    return computeByPieces(backend, [dy, logits, labels], shape[1] as number, [shape], ([dy, logits, labels]) => [
      focalGradientReference(dy as tf.Tensor1D, labels, logits as tf.Tensor2D, attrs),
    ]);
  },
};
