import * as tf from '@tensorflow/tfjs-core';

export const HEAD_REDUCTIONS = ['mean', 'sumOverHeads', 'none'] as const;

/** How the losses of samples and heads become one. */
export type HeadReduction = (typeof HEAD_REDUCTIONS)[number];

/** `[B, H]` to a scalar: mean over both; sum over heads and mean over samples; or as it is. */
export function reduceHeads(loss: tf.Tensor2D, reduction: HeadReduction): tf.Tensor {
  if (reduction === 'none') return loss;
  const mean = tf.mean(loss);
  return reduction === 'mean' ? mean : tf.mul(mean, loss.shape[1]);
}
