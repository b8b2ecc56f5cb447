/** The composed ops, some rows at a time: no temporary is larger than a piece. */
import type * as tf from '@tensorflow/tfjs-core';

import type {FusedKernel} from '../../internal/kernels.js';
import {computeByPieces} from '../../internal/row_pieces.js';
import type {MarginAttrs, MarginGradientInputs, MarginInputs} from './name.js';
import {marginGradientReference, marginSoftmaxReference} from './reference.js';

export const marginSoftmaxOnTensorflow: FusedKernel<MarginInputs, MarginAttrs> = {
  backend: 'tensorflow',
  run: ({cosines, labels}, attrs, backend) => {
    const [rows, classes] = cosines.shape;
    return computeByPieces(backend, [cosines, labels], classes, [[rows]], ([cosines, labels]) => [
      marginSoftmaxReference(labels, cosines as tf.Tensor2D, attrs),
    ]);
  },
};

export const marginGradientOnTensorflow: FusedKernel<MarginGradientInputs, MarginAttrs> = {
  backend: 'tensorflow',
  run: ({dy, cosines, labels}, attrs, backend) => {
    const {shape} = cosines;
    return computeByPieces(backend, [dy, cosines, labels], shape[1] as number, [shape], ([dy, cosines, labels]) => [
      marginGradientReference(dy as tf.Tensor1D, labels, cosines as tf.Tensor2D, attrs),
    ]);
  },
};
