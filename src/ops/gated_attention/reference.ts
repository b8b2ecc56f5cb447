import * as tf from '@tensorflow/tfjs-core';

import {scaledDotProductAttention} from '../scaled_dot_product_attention/index.js';
import type {GatedAttentionOptions, ScaleOffsetWeights} from './options.js';
import {gatedParts} from './parts.js';

/** `gatedAttention` as composed ops, every intermediate kept for the backward pass. */
export function gatedAttentionReference(
  hidden: tf.Tensor3D,
  units: number,
  query: ScaleOffsetWeights,
  key: ScaleOffsetWeights,
  options: GatedAttentionOptions,
): tf.Tensor3D {
  const {gate, value, q, k, attention} = gatedParts(
    options.activation(hidden) as tf.Tensor3D,
    units,
    query,
    key,
    options,
  );
  return tf.mul(gate, scaledDotProductAttention(q, k, value, attention));
}
