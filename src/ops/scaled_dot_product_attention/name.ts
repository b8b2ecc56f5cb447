import type * as tf from '@tensorflow/tfjs-core';

import type {AttentionContext} from './reference.js';

/** Kernel name. Its outputs are those of the reference; the second is the kernel's own, for its gradient, or absent. */
export const SCALED_DOT_PRODUCT_ATTENTION = 'AddonsScaledDotProductAttention';

/** Kernel name of the gradient, for kernels that do not make the scores. */
export const SCALED_DOT_PRODUCT_ATTENTION_GRADIENT = 'AddonsScaledDotProductAttentionGradient';

export interface AttentionInputs {
  q: tf.Tensor;
  k: tf.Tensor;
  v: tf.Tensor;
  mask?: tf.Tensor;
  allowed?: tf.Tensor;
  floatBias?: tf.Tensor;
  keptWeights?: tf.Tensor;
  /** Of a rotation that is still to be done, `[max(T, S), D/2, 2]` or, by sample, `[B, T, D/2, 2]`. */
  turns?: tf.Tensor;
  [name: string]: tf.Tensor | undefined;
}

export interface AttentionGradientInputs extends AttentionInputs {
  dy: tf.Tensor;
  /** The outputs of the kernel. */
  output: tf.Tensor;
  norm: tf.Tensor;
}

export interface AttentionAttrs {
  /** Its visibility has tensors, too; its other tensors are those of the inputs. */
  context: AttentionContext;
}
