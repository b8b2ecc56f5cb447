import type * as tf from '@tensorflow/tfjs-core';

/** Kernel names. */
export const SWISH = 'AddonsSwish';
export const SWISH_GRADIENT = 'AddonsSwishGradient';

export interface SwishInputs {
  x: tf.Tensor;
  [name: string]: tf.Tensor | undefined;
}

export interface SwishGradientInputs {
  dy: tf.Tensor;
  x: tf.Tensor;
  /** `swish(x)`. */
  y: tf.Tensor;
  [name: string]: tf.Tensor | undefined;
}
