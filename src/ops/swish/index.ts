import * as tf from '@tensorflow/tfjs-core';

import {fusedKernel, runKernelOr} from '../../internal/kernels.js';
import {isTaping} from '../../internal/taping.js';
import {swishGradient} from './gradient.js';
import {swishOnHost} from './host.js';
import {SWISH} from './name.js';
import {swishOnTensorflow} from './node.js';
import {swishGradientReference, swishReference} from './reference.js';
import {swishOnWebgpu} from './webgpu.js';

fusedKernel(SWISH, swishOnTensorflow);
fusedKernel(SWISH, swishOnWebgpu);
for (const backend of ['cpu', 'wasm']) fusedKernel(SWISH, {...swishOnHost, backend});

/**
 * Swish (SiLU), `y = x · σ(x)`, elementwise.
 *
 * Stock `sigmoid(x) · x` keeps its sigmoid for the backward pass; this one keeps x alone, and its second-order
 * gradients are right.
 *
 * @param x Any shape, float32.
 * @returns Same shape.
 *
 * ```ts
 * tfa.swish(tf.tensor1d([-1, 0, 1])).print(); // -0.2689, 0, 0.7311
 * ```
 *
 * Reference: Ramachandran et al. 2017, arXiv:1710.05941.
 */
export function swish<T extends tf.Tensor>(x: T): T {
  return tf.customGrad((input, save) => {
    const x = input as tf.Tensor;
    (save as tf.GradSaveFunc)([x]);
    return {
      value: forward(x),
      gradFunc: (dy: tf.Tensor, [x]: tf.Tensor[]) =>
        tf.tidy(() => (isTaping() ? swishGradientReference(dy, x, swish(x)) : swishGradient(dy, x, forward(x)))),
    };
  })(x) as T;
}

const forward = (x: tf.Tensor): tf.Tensor => runKernelOr(SWISH, {x}, {}, () => swishReference(x));
