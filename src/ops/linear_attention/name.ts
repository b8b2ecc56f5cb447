import type * as tf from '@tensorflow/tfjs-core';

/** Kernel names. */
export const CAUSAL_PRODUCT = 'AddonsCausalProduct';
export const CAUSAL_PRODUCT_GRADIENT = 'AddonsCausalProductGradient';
export const KEY_VALUE_SUMS = 'AddonsKeyValueSums';

export interface KeyValueInputs {
  /** `[G, T, M]` and `[G, T, D]`. */
  k: tf.Tensor;
  v: tf.Tensor;
  [name: string]: tf.Tensor;
}

export interface ProductInputs extends KeyValueInputs {
  /** `[G, T, M]`. */
  q: tf.Tensor;
}

export interface ProductGradientInputs extends ProductInputs {
  /** `[G, T, D]`. */
  dy: tf.Tensor;
}
