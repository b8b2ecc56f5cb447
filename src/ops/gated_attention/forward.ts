import * as tf from '@tensorflow/tfjs-core';

import {attendAndHold, contextFor} from '../scaled_dot_product_attention/attend.js';
import type {GatedAttentionOptions, ScaleOffsetWeights} from './options.js';
import {gatedParts} from './parts.js';

/** `gatedAttentionReference`, and what `attendAndHold` says is worth holding for the backward pass. */
export function gatedAttentionForward(
  hidden: tf.Tensor3D,
  units: number,
  query: ScaleOffsetWeights,
  key: ScaleOffsetWeights,
  options: GatedAttentionOptions,
): [value: tf.Tensor3D, ...held: tf.Tensor[]] {
  const {gate, value, q, k, attention} = gatedParts(
    options.activation(hidden) as tf.Tensor3D,
    units,
    query,
    key,
    options,
  );
  const context = contextFor(q, k, value, attention, 'gatedAttention');
  const [output, ...held] = attendAndHold(q, k, value, context);
  return [tf.mul(gate, output), ...held];
}
