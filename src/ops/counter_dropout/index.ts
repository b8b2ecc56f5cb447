import type * as tf from '@tensorflow/tfjs-core';

import {checkInteger, checkRange} from '../../internal/check.js';
import {hostKernel} from '../../internal/host_kernels.js';
import {fusedKernel, runKernelOr} from '../../internal/kernels.js';
import {counterDropoutOnHost} from './host.js';
import {COUNTER_DROPOUT, type DropoutAttrs} from './name.js';
import {counterDropoutReference} from './reference.js';
import {counterDropoutOnWebgpu} from './webgpu.js';

hostKernel(COUNTER_DROPOUT, counterDropoutOnHost);
fusedKernel(COUNTER_DROPOUT, counterDropoutOnWebgpu);

/**
 * The factor of inverted dropout: 1/(1 − rate) with probability 1 − rate, else 0.
 *
 * Element i is kept when a 32-bit hash of (seed, i) is at least rate · 2³². There is no hidden state: the same seed
 * gives the same factor on every backend, and different seeds give independent ones.
 *
 * @param shape Of the result, float32; at most 2³² elements.
 * @param rate Fraction to drop, [0, 1).
 * @param seed Integer; another one at each step.
 *
 * ```ts
 * const x = tf.ones([2, 3]);
 * tf.mul(x, tfa.counterDropout([2, 3], 0.5, 7)).print(); // 0 or 2
 * ```
 */
export function counterDropout<R extends tf.Rank>(shape: tf.ShapeMap[R], rate: number, seed: number): tf.Tensor<R> {
  checkRange(rate, 'counterDropout', 'rate', [0, 1], {high: true});
  checkInteger(seed, 'counterDropout', 'seed', Number.MIN_SAFE_INTEGER);
  const attrs: DropoutAttrs = {shape: shape as number[], rate, seed: seed >>> 0};
  return runKernelOr(COUNTER_DROPOUT, {}, attrs, () => counterDropoutReference(attrs)) as tf.Tensor<R>;
}
