import type * as tf from '@tensorflow/tfjs-core';

import {hostKernel} from '../../internal/host_kernels.js';
import {fusedKernel, runKernelOr} from '../../internal/kernels.js';
import {recomputed} from '../../internal/recomputed.js';
import {focalGradientOnHost, focalOnHost} from './host.js';
import {FOCAL_CROSSENTROPY, FOCAL_CROSSENTROPY_GRADIENT, type FocalAttrs} from './name.js';
import {focalGradientOnTensorflow, focalOnTensorflow} from './node.js';
import {focalGradientReference, focalReference} from './reference.js';
import {focalGradientOnWebgl, focalOnWebgl} from './webgl.js';
import {focalGradientOnWebgpu, focalOnWebgpu} from './webgpu.js';

hostKernel(FOCAL_CROSSENTROPY, focalOnHost);
hostKernel(FOCAL_CROSSENTROPY_GRADIENT, focalGradientOnHost);
for (const kernel of [focalOnTensorflow, focalOnWebgl, focalOnWebgpu]) fusedKernel(FOCAL_CROSSENTROPY, kernel);
for (const kernel of [focalGradientOnTensorflow, focalGradientOnWebgl, focalGradientOnWebgpu]) {
  fusedKernel(FOCAL_CROSSENTROPY_GRADIENT, kernel);
}

/**
 * Focal loss of each row of logits s with p = σ(s), the mean over its elements of
 *
 *   −α t (1 − p)^γ log p − (1 − α) (1 − t) p^γ log(1 − p).
 *
 * Labels get no gradient.
 *
 * @param labels `[R, C]` of any dtype, clipped to [0, 1].
 * @param logits `[R, C]`.
 * @returns `[R]`.
 */
export function focalCrossentropy(labels: tf.Tensor, logits: tf.Tensor2D, attrs: FocalAttrs): tf.Tensor1D {
  return recomputed(([s], [t]) => focalReference(t as tf.Tensor, s as tf.Tensor2D, attrs), [logits], [labels], {
    forward: ([s], [t]) => {
      const [logits, labels] = [s as tf.Tensor2D, t as tf.Tensor];
      const reference = () => focalReference(labels, logits, attrs);
      return [runKernelOr(FOCAL_CROSSENTROPY, {logits, labels}, attrs, reference)];
    },
    backward: ([s], [t], dy) => {
      const [logits, labels] = [s as tf.Tensor2D, t as tf.Tensor];
      const reference = () => focalGradientReference(dy as tf.Tensor1D, labels, logits, attrs);
      return [runKernelOr(FOCAL_CROSSENTROPY_GRADIENT, {dy, logits, labels}, attrs, reference)];
    },
    gradient: ([s], [t], dy) => [focalGradientReference(dy as tf.Tensor1D, t as tf.Tensor, s as tf.Tensor2D, attrs)],
  });
}
