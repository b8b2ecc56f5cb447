import * as tf from '@tensorflow/tfjs-core';

import {mayHold} from '../../internal/recomputed.js';
import {attendAndHold, contextFor} from '../scaled_dot_product_attention/attend.js';
import type {GatedAttentionOptions, ScaleOffsetWeights} from './options.js';
import {activated, gatedParts, type ProjectedParts} from './parts.js';

/**
 * `gatedAttentionReference`, and what is worth holding for the backward pass: on `tensorflow` the activated parts, then
 * what `attendAndHold` says.
 */
export function gatedAttentionForward(
  parts: ProjectedParts,
  query: ScaleOffsetWeights,
  key: ScaleOffsetWeights,
  options: GatedAttentionOptions,
): [value: tf.Tensor3D, ...held: tf.Tensor[]] {
  const active = activated(parts, options);
  const {gate, value, q, k, attention} = gatedParts(active, query, key, options);
  const context = contextFor(q, k, value, attention, 'gatedAttention');
  const [output, ...held] = attendAndHold(q, k, value, context);
  return [tf.mul(gate, output), ...(holdsParts() ? active : []), ...held];
}

/** Whether the activated parts are held. */
export const holdsParts = (): boolean => tf.getBackend() === 'tensorflow' && mayHold();
