import * as tf from '@tensorflow/tfjs-core';

import {rotaryTables, rotate} from '../rotary_embedding/index.js';
import type {RotaryTables} from '../rotary_embedding/tables.js';
import type {GatedAttentionOptions, ScaleOffsetWeights} from './options.js';

/** What the gated attention of an activated projection consists of. */
export interface GatedParts {
  gate: tf.Tensor3D;
  value: tf.Tensor3D;
  /** What queries and keys are made of. */
  z: tf.Tensor3D;
  q: tf.Tensor3D;
  k: tf.Tensor3D;
  /** Those that q and k were rotated by. */
  tables?: RotaryTables;
}

export function gatedParts(
  activated: tf.Tensor3D,
  units: number,
  query: ScaleOffsetWeights,
  key: ScaleOffsetWeights,
  {rotary, positions}: GatedAttentionOptions,
): GatedParts {
  const keySize = activated.shape[2] - 2 * units;
  const [gate, value, z]: tf.Tensor3D[] = tf.split(activated, [units, units, keySize], 2);
  const tables = rotary && rotaryTables(z.shape, {...rotary, positions});
  const [q, k] = [query, key].map(weights => {
    const x = scaleOffset(z, weights);
    return (tables === undefined ? x : rotate(x, tables, rotary!.layout)) as tf.Tensor3D;
  });
  return {gate, value, z, q, k, tables};
}

const scaleOffset = (z: tf.Tensor, {gamma, beta}: ScaleOffsetWeights): tf.Tensor =>
  beta === undefined ? tf.mul(z, gamma) : tf.add(tf.mul(z, gamma), beta);
