import * as tf from '@tensorflow/tfjs-core';

import {fusedKernel, runKernelOr, takesKernel} from '../../internal/kernels.js';
import {mayHold, recomputed} from '../../internal/recomputed.js';
import {keepOf} from '../linear_attention/keep.js';
import {FAVOR_FEATURES, FAVOR_FEATURES_GRADIENT} from './name.js';
import type {FavorPlan} from './options.js';
import {favorFeaturesReference} from './reference.js';
import {favorFeaturesOnWebgpu, favorGradientOnWebgpu} from './webgpu.js';

fusedKernel(FAVOR_FEATURES, favorFeaturesOnWebgpu);
fusedKernel(FAVOR_FEATURES_GRADIENT, favorGradientOnWebgpu);

/**
 * Random features `[..., T, M]` with their gradients. A kernel holds one number a row for the backward pass; composed
 * ops keep what tfjs keeps of them, for a caller that has them computed again.
 *
 * @param mask Keys to keep, `[B, T]`; absent for queries and where all are kept.
 */
export function favorFeatures(
  x: tf.Tensor,
  projection: tf.Tensor2D,
  plan: FavorPlan,
  isQuery: boolean,
  mask: tf.Tensor | undefined,
): tf.Tensor {
  const composed = (x: tf.Tensor, projection: tf.Tensor, mask: tf.Tensor | undefined): tf.Tensor =>
    favorFeaturesReference(x, projection as tf.Tensor2D, plan, isQuery, mask && keepOf(mask, x.rank));
  if (!takesFavorKernel(x, projection, plan, isQuery, mask)) return composed(x, projection, mask);
  const attrs = {plan, isQuery};
  const run = (x: tf.Tensor, projection: tf.Tensor, mask: tf.Tensor | undefined): [tf.Tensor, shifts: tf.Tensor] =>
    runKernelOr<tf.Tensor[]>(FAVOR_FEATURES, {x, projection, mask}, attrs, noReference) as [tf.Tensor, tf.Tensor];
  return recomputed(([x, projection], [mask]) => composed(x!, projection!, mask), [x, projection], [mask], {
    forward: ([x, projection], [mask]) => {
      const [features, shifts] = run(x!, projection!, mask);
      return mayHold() ? [features, shifts] : [features];
    },
    backward: ([x, projection], [mask], dy, [held]) => {
      const reference = () => tf.grads((x, projection) => composed(x, projection, mask))([x!, projection!], dy);
      if (!takesFavorKernel(x!, projection as tf.Tensor2D, plan, isQuery, mask)) return reference();
      const shifts = held ?? run(x!, projection!, mask)[1];
      return runKernelOr<tf.Tensor[]>(FAVOR_FEATURES_GRADIENT, {x, projection, mask, shifts, dy}, attrs, reference);
    },
  });
}

/** Whether a kernel makes these features, with their gradients. */
export const takesFavorKernel = (
  x: tf.Tensor,
  projection: tf.Tensor2D,
  plan: FavorPlan,
  isQuery: boolean,
  mask: tf.Tensor | undefined,
): boolean => takesKernel(FAVOR_FEATURES, {x, projection, mask}, {plan, isQuery});

/** A kernel that was asked for beforehand runs. */
const noReference = (): never => {
  throw new Error('favorPlusFeatures: expected its kernel to run.');
};
