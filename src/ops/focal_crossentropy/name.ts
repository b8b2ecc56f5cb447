import type * as tf from '@tensorflow/tfjs-core';

/** Kernel names. */
export const FOCAL_CROSSENTROPY = 'AddonsFocalCrossentropy';
export const FOCAL_CROSSENTROPY_GRADIENT = 'AddonsFocalCrossentropyGradient';

export interface FocalAttrs {
  /** Weight of the true classes. */
  alpha: number;
  /** Power with which well classified elements lose weight. */
  gamma: number;
}

export interface FocalInputs {
  /** `[R, C]` */
  logits: tf.Tensor;
  /** `[R, C]`, degrees, clipped to [0, 1]. */
  labels: tf.Tensor;
  [name: string]: tf.Tensor;
}

export interface FocalGradientInputs extends FocalInputs {
  /** `[R]` */
  dy: tf.Tensor;
}
