import type * as tf from '@tensorflow/tfjs-core';

/** Kernel names. */
export const DENSE = 'AddonsDense';
export const DENSE_GRADIENT = 'AddonsDenseGradient';

export interface DenseInputs {
  /** `[..., C]`. */
  x: tf.Tensor;
  /** `[C, U]`. */
  kernel: tf.Tensor;
  /** `[U]`. */
  bias?: tf.Tensor;
  [name: string]: tf.Tensor | undefined;
}

export interface DenseGradientInputs {
  /** `[..., U]`. */
  dy: tf.Tensor;
  /** `[..., C]`. */
  x: tf.Tensor;
  /** `[C, U]`. */
  kernel: tf.Tensor;
  [name: string]: tf.Tensor | undefined;
}

export interface DenseGradientAttrs {
  /** Whether there is a bias, whose gradient is the third. */
  withBias: boolean;
}
