import type * as tf from '@tensorflow/tfjs-core';

/** Kernel name. */
export const DENSE = 'AddonsDense';

export interface DenseInputs {
  /** `[..., C]`. */
  x: tf.Tensor;
  /** `[C, U]`. */
  kernel: tf.Tensor;
  /** `[U]`. */
  bias?: tf.Tensor;
  [name: string]: tf.Tensor | undefined;
}
