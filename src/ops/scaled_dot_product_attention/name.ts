import type * as tf from '@tensorflow/tfjs-core';

import type {AttentionContext} from './reference.js';

/** Kernel name. Its outputs are those of the reference; the second may be left out. */
export const SCALED_DOT_PRODUCT_ATTENTION = 'AddonsScaledDotProductAttention';

export interface AttentionInputs {
  q: tf.Tensor;
  k: tf.Tensor;
  v: tf.Tensor;
  floatBias?: tf.Tensor;
  keptWeights?: tf.Tensor;
  [name: string]: tf.Tensor | undefined;
}

export interface AttentionAttrs {
  /** Its visibility has tensors, too; `floatBias` and `keptWeights` are those of the inputs. */
  context: AttentionContext;
}
