import type * as tf from '@tensorflow/tfjs-core';

import type {RotaryLayout} from '../rotary_embedding/tables.js';
import type {ScaledDotProductAttentionOptions} from '../scaled_dot_product_attention/options.js';

/** γ and β that derive a query or key from the shared projection z: `γ ⊙ z + β`. */
export interface ScaleOffsetWeights {
  /** `[S]`. */
  gamma: tf.Tensor1D;
  /** `[S]`; absent means no offset. */
  beta?: tf.Tensor1D;
}

export interface GatedAttentionOptions extends ScaledDotProductAttentionOptions {
  /** Of the hidden projection. Defaults to none: it is activated already. */
  activation?: 'swish';
  /** Rotates query and key by position; absent for no position embedding. */
  rotary?: {base: number; layout: RotaryLayout};
  /** Position ids `[T]` or `[B, T]` of the rotation. Defaults to 0 … T − 1. */
  positions?: tf.Tensor;
}
