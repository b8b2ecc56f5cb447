import type * as tf from '@tensorflow/tfjs-core';

/** Kernel names. */
export const DEPTHWISE_CONV1D = 'AddonsDepthwiseConv1d';
export const DEPTHWISE_CONV1D_KERNEL_GRADIENT = 'AddonsDepthwiseConv1dKernelGradient';

export interface DepthwiseInputs {
  /** `[B, T, C]`. */
  x: tf.Tensor;
  /** `[K, C]`. */
  kernel: tf.Tensor;
  [name: string]: tf.Tensor;
}

export interface DepthwiseGradientInputs {
  x: tf.Tensor;
  /** `[B, T, C]`. */
  dy: tf.Tensor;
  [name: string]: tf.Tensor;
}

/** Tap k of the kernel reads the token k · dilation − before away. */
export interface DepthwiseAttrs {
  taps: number;
  dilation: number;
  before: number;
}
