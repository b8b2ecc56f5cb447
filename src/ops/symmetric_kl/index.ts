import * as tf from '@tensorflow/tfjs-core';

import {hostKernel} from '../../internal/host_kernels.js';
import {runKernelOr} from '../../internal/kernels.js';
import {bernoulliKlGradientOnHost, bernoulliKlOnHost} from './host.js';
import {BERNOULLI_KL, BERNOULLI_KL_GRADIENT} from './name.js';
import {bernoulliKlGradientReference, bernoulliKlReference} from './reference.js';

hostKernel(BERNOULLI_KL, bernoulliKlOnHost);
hostKernel(BERNOULLI_KL_GRADIENT, bernoulliKlGradientOnHost);

/**
 * Σ (σ(a) − σ(b)) (a − b) of each row: KL(p‖q) + KL(q‖p) of independent Bernoulli variables with logits a and b.
 * A column that is −Infinity in either row is left out.
 *
 * @param a `[R, C]`.
 * @param b `[R, C]`.
 * @returns `[R]`.
 */
export function bernoulliSymmetricKl(a: tf.Tensor2D, b: tf.Tensor2D): tf.Tensor1D {
  const op = tf.customGrad((...args) => {
    const [a, b, save] = args as unknown as [tf.Tensor2D, tf.Tensor2D, tf.GradSaveFunc];
    save([a, b]);
    return {
      value: runKernelOr(BERNOULLI_KL, {a, b}, {}, () => bernoulliKlReference(a, b)),
      gradFunc: (dy, saved) => {
        const [a, b] = saved as [tf.Tensor2D, tf.Tensor2D];
        return runKernelOr<tf.Tensor[]>(BERNOULLI_KL_GRADIENT, {dy: dy as tf.Tensor, a, b}, {}, () =>
          bernoulliKlGradientReference(dy as tf.Tensor1D, a, b),
        );
      },
    };
  });
  return op(a, b) as tf.Tensor1D;
}

/**
 * KL(p‖q) + KL(q‖p) of the softmax of each row of logits a and b, Σ (p − q) (log p − log q).
 *
 * @param a `[R, C]`.
 * @param b `[R, C]`.
 * @returns `[R]`.
 */
export function softmaxSymmetricKl(a: tf.Tensor2D, b: tf.Tensor2D): tf.Tensor1D {
  const op = tf.customGrad((...args) => {
    const [a, b, save] = args as unknown as [tf.Tensor2D, tf.Tensor2D, tf.GradSaveFunc];
    save([a, b]);
    return {
      value: tf.tidy(() => {
        const {difference, gap} = compare(a, b);
        return tf.sum(tf.mul(difference, gap), 1);
      }),
      gradFunc: (dy, [a, b]) =>
        tf.tidy(() => {
          const {p, q, difference, gap} = compare(a, b);
          const factor = tf.expandDims(dy as tf.Tensor1D, 1);
          const pull = (share: tf.Tensor) => tf.mul(share, tf.sub(gap, tf.sum(tf.mul(share, gap), 1, true)));
          return [tf.mul(factor, tf.add(pull(p), difference)), tf.neg(tf.mul(factor, tf.add(pull(q), difference)))];
        }),
    };
  });
  return op(a, b) as tf.Tensor1D;
}

function compare(a: tf.Tensor, b: tf.Tensor) {
  const [logP, logQ] = [tf.logSoftmax(a), tf.logSoftmax(b)];
  const [p, q] = [tf.exp(logP), tf.exp(logQ)];
  return {p, q, difference: tf.sub(p, q), gap: tf.sub(logP, logQ)};
}
