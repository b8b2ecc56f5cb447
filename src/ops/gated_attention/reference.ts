import * as tf from '@tensorflow/tfjs-core';

import {scaledDotProductAttention} from '../scaled_dot_product_attention/index.js';
import type {GatedAttentionOptions, ScaleOffsetWeights} from './options.js';
import {activated, gatedParts, type ProjectedParts} from './parts.js';

/** `gatedAttention` as composed ops, every intermediate kept for the backward pass. */
export function gatedAttentionReference(
  parts: ProjectedParts,
  query: ScaleOffsetWeights,
  key: ScaleOffsetWeights,
  options: GatedAttentionOptions,
): tf.Tensor3D {
  const {gate, value, q, k, attention} = gatedParts(activated(parts, options), query, key, options);
  return tf.mul(gate, scaledDotProductAttention(q, k, value, attention));
}
