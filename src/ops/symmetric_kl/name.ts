import type * as tf from '@tensorflow/tfjs-core';

/** Kernel names. */
export const BERNOULLI_KL = 'AddonsBernoulliKl';
export const BERNOULLI_KL_GRADIENT = 'AddonsBernoulliKlGradient';
export const SOFTMAX_KL = 'AddonsSoftmaxKl';
export const SOFTMAX_KL_GRADIENT = 'AddonsSoftmaxKlGradient';

export interface KlInputs {
  a: tf.Tensor;
  b: tf.Tensor;
  [name: string]: tf.Tensor;
}

export interface KlGradientInputs extends KlInputs {
  dy: tf.Tensor;
}
