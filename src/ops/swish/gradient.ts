import type * as tf from '@tensorflow/tfjs-core';

import {fusedKernel, runKernelOr} from '../../internal/kernels.js';
import {swishGradientOnHost} from './host.js';
import {SWISH_GRADIENT} from './name.js';
import {swishGradientOnTensorflow} from './node.js';
import {swishGradientReference} from './reference.js';
import {swishGradientOnWebgpu} from './webgpu.js';

fusedKernel(SWISH_GRADIENT, swishGradientOnTensorflow);
fusedKernel(SWISH_GRADIENT, swishGradientOnWebgpu);
for (const backend of ['cpu', 'wasm']) fusedKernel(SWISH_GRADIENT, {...swishGradientOnHost, backend});

/** The gradient of `y = swish(x)` with respect to x, where y is at hand. Has no gradient of its own on a kernel. */
export const swishGradient = (dy: tf.Tensor, x: tf.Tensor, y: tf.Tensor): tf.Tensor =>
  runKernelOr(SWISH_GRADIENT, {dy, x, y}, {}, () => swishGradientReference(dy, x, y));
