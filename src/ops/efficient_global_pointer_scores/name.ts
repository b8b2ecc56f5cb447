import type * as tf from '@tensorflow/tfjs-core';

/** Kernel name, of what the gradients of queries, keys and biases have in common. */
export const SPAN_SUMS = 'AddonsSpanSums';

export interface SpanSumInputs {
  /** Gradient of the scores `[B, H, T, T]`. */
  dy: tf.Tensor;
  /** `[B, T]`. */
  mask?: tf.Tensor;
  [name: string]: tf.Tensor | undefined;
}

export interface SpanSumAttrs {
  scale: number;
  trilMask: boolean;
}
