import type * as tf from '@tensorflow/tfjs-core';

import {hostKernel} from '../../internal/host_kernels.js';
import {fusedKernel, runKernelOr} from '../../internal/kernels.js';
import {recomputed} from '../../internal/recomputed.js';
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
  const gradient = (inputs: (tf.Tensor | undefined)[], dy: tf.Tensor) => {
    const [a, b] = inputs as tf.Tensor2D[];
    return gradientReference(dy as tf.Tensor1D, a, b);
  };
  const value = (inputs: (tf.Tensor | undefined)[]) => reference(...(inputs as [tf.Tensor2D, tf.Tensor2D]));
  return recomputed(value, [a, b], [], {
    forward: inputs => {
      const [a, b] = inputs as tf.Tensor2D[];
      return [runKernelOr(name, {a, b}, {}, () => value(inputs))];
    },
    backward: (inputs, _, dy) => {
      const [a, b] = inputs as tf.Tensor2D[];
      return runKernelOr<tf.Tensor[]>(gradientName, {dy, a, b}, {}, () => gradient(inputs, dy));
    },
    gradient: (inputs, _, dy) => gradient(inputs, dy),
  });
}
