import type * as tf from '@tensorflow/tfjs-core';

import type {FavorPlan} from './options.js';

/** Kernel names. */
export const FAVOR_FEATURES = 'AddonsFavorFeatures';
export const FAVOR_FEATURES_GRADIENT = 'AddonsFavorFeaturesGradient';

export interface FavorInputs {
  /** `[B, H, T, D]` or `[B, T, D]`. */
  x: tf.Tensor;
  /** `[rows, D]`. */
  projection: tf.Tensor;
  /** `[B, T]`. */
  mask: tf.Tensor | undefined;
  [name: string]: tf.Tensor | undefined;
}

export interface FavorGradientInputs extends FavorInputs {
  /** What was taken off the exponents of each row, as the forward kernel gives it. */
  shifts: tf.Tensor;
  dy: tf.Tensor;
}

export interface FavorAttrs {
  plan: FavorPlan;
  isQuery: boolean;
}
