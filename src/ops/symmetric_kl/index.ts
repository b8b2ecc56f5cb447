import * as tf from '@tensorflow/tfjs-core';

import {hostKernel} from '../../internal/host_kernels.js';
import {fusedKernel, runKernelOr} from '../../internal/kernels.js';
import {bernoulliKlGradientOnHost, bernoulliKlOnHost, softmaxKlGradientOnHost, softmaxKlOnHost} from './host.js';
import {BERNOULLI_KL, BERNOULLI_KL_GRADIENT, SOFTMAX_KL, SOFTMAX_KL_GRADIENT} from './name.js';
import {
  bernoulliKlGradientOnTensorflow,
  bernoulliKlOnTensorflow,
  softmaxKlGradientOnTensorflow,
  softmaxKlOnTensorflow,
} from './node.js';
import {
  bernoulliKlGradientReference,
  bernoulliKlReference,
  softmaxKlGradientReference,
  softmaxKlReference,
} from './reference.js';
import {bernoulliKlGradientOnWebgl, bernoulliKlOnWebgl, softmaxKlGradientOnWebgl, softmaxKlOnWebgl} from './webgl.js';
import {
  bernoulliKlGradientOnWebgpu,
  bernoulliKlOnWebgpu,
  softmaxKlGradientOnWebgpu,
  softmaxKlOnWebgpu,
} from './webgpu.js';

hostKernel(BERNOULLI_KL, bernoulliKlOnHost);
hostKernel(BERNOULLI_KL_GRADIENT, bernoulliKlGradientOnHost);
hostKernel(SOFTMAX_KL, softmaxKlOnHost);
hostKernel(SOFTMAX_KL_GRADIENT, softmaxKlGradientOnHost);
for (const kernel of [bernoulliKlOnTensorflow, bernoulliKlOnWebgl, bernoulliKlOnWebgpu]) {
  fusedKernel(BERNOULLI_KL, kernel);
}
for (const kernel of [bernoulliKlGradientOnTensorflow, bernoulliKlGradientOnWebgl, bernoulliKlGradientOnWebgpu]) {
  fusedKernel(BERNOULLI_KL_GRADIENT, kernel);
}
for (const kernel of [softmaxKlOnTensorflow, softmaxKlOnWebgl, softmaxKlOnWebgpu]) fusedKernel(SOFTMAX_KL, kernel);
for (const kernel of [softmaxKlGradientOnTensorflow, softmaxKlGradientOnWebgl, softmaxKlGradientOnWebgpu]) {
  fusedKernel(SOFTMAX_KL_GRADIENT, kernel);
}

/**
 * Σ (σ(a) − σ(b)) (a − b) of each row: KL(p‖q) + KL(q‖p) of independent Bernoulli variables with logits a and b.
 * A column that is −Infinity in either row is left out.
 *
 * @param a `[R, C]`.
 * @param b `[R, C]`.
 * @returns `[R]`.
 */
export function bernoulliSymmetricKl(a: tf.Tensor2D, b: tf.Tensor2D): tf.Tensor1D {
  return divergence(a, b, [BERNOULLI_KL, BERNOULLI_KL_GRADIENT], bernoulliKlReference, bernoulliKlGradientReference);
}

/**
 * KL(p‖q) + KL(q‖p) of the softmax of each row of logits a and b, Σ (p − q) (log p − log q).
 *
 * @param a `[R, C]`.
 * @param b `[R, C]`.
 * @returns `[R]`.
 */
export function softmaxSymmetricKl(a: tf.Tensor2D, b: tf.Tensor2D): tf.Tensor1D {
  return divergence(a, b, [SOFTMAX_KL, SOFTMAX_KL_GRADIENT], softmaxKlReference, softmaxKlGradientReference);
}

function divergence(
  a: tf.Tensor2D,
  b: tf.Tensor2D,
  [name, gradientName]: [string, string],
  reference: typeof bernoulliKlReference,
  gradientReference: typeof bernoulliKlGradientReference,
): tf.Tensor1D {
  const op = tf.customGrad((...args) => {
    const [a, b, save] = args as unknown as [tf.Tensor2D, tf.Tensor2D, tf.GradSaveFunc];
    save([a, b]);
    return {
      value: runKernelOr(name, {a, b}, {}, () => reference(a, b)),
      gradFunc: (dy, saved) => {
        const [a, b] = saved as [tf.Tensor2D, tf.Tensor2D];
        const slope = dy as tf.Tensor1D;
        return runKernelOr<tf.Tensor[]>(gradientName, {dy: slope, a, b}, {}, () => gradientReference(slope, a, b));
      },
    };
  });
  return op(a, b) as tf.Tensor1D;
}
