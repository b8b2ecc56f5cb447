import * as tf from '@tensorflow/tfjs-core';

import {rotaryTables, rotate} from '../rotary_embedding/index.js';
import {scaledDotProductAttention} from '../scaled_dot_product_attention/index.js';
import type {GatedAttentionOptions, ScaleOffsetWeights} from './options.js';

/** `gatedAttention` as composed ops, every intermediate kept for the backward pass. */
export function gatedAttentionReference(
  hidden: tf.Tensor3D,
  units: number,
  query: ScaleOffsetWeights,
  key: ScaleOffsetWeights,
  {activation, rotary, positions, ...attention}: GatedAttentionOptions,
): tf.Tensor3D {
  const keySize = hidden.shape[2] - 2 * units;
  const [gate, value, z] = tf.split(activation(hidden) as tf.Tensor3D, [units, units, keySize], 2);
  const tables = rotary && rotaryTables(z.shape, {...rotary, positions});
  const [q, k] = [query, key].map(weights => {
    const x = scaleOffset(z, weights);
    return (tables === undefined ? x : rotate(x, tables, rotary!.layout)) as tf.Tensor3D;
  });
  return tf.mul(gate, scaledDotProductAttention(q, k, value, attention));
}

export const scaleOffset = (z: tf.Tensor, {gamma, beta}: ScaleOffsetWeights): tf.Tensor =>
  beta === undefined ? tf.mul(z, gamma) : tf.add(tf.mul(z, gamma), beta);
