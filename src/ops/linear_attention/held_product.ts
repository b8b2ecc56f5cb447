import * as tf from '@tensorflow/tfjs-core';

import {mayHold, recomputed} from '../../internal/recomputed.js';

/** The causal product of one call: empty before the forward pass has made it, given in the backward pass. */
export interface HeldProduct {
  product?: tf.Tensor3D;
}

type Tensors = (tf.Tensor | undefined)[];

/**
 * `recomputed` for attention with one causal product. On tensorflow, where it is half of the time of a forward pass, the
 * product is held, which takes as much memory as the output, and the backward pass makes all but it again.
 */
export function recomputedWithProduct(
  compute: (inputs: Tensors, constants: Tensors, held?: HeldProduct) => tf.Tensor,
  inputs: Tensors,
  constants: Tensors,
  causal: boolean,
): tf.Tensor {
  if (!causal || tf.getBackend() !== 'tensorflow' || !mayHold()) {
    return recomputed((inputs, constants) => compute(inputs, constants), inputs, constants);
  }
  return recomputed(
    (inputs, constants, [product]) => compute(inputs, constants, {product: product as tf.Tensor3D | undefined}),
    inputs,
    constants,
    {
      forward: (inputs, constants) => {
        const held: HeldProduct = {};
        const output = compute(inputs, constants, held);
        return [output, held.product!];
      },
    },
  );
}
