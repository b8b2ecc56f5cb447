import * as tf from '@tensorflow/tfjs-core';

import {rotaryTables, rotate} from '../rotary_embedding/index.js';
import type {RotaryLayout, RotaryTables} from '../rotary_embedding/tables.js';
import {rotatesOnLoad} from '../scaled_dot_product_attention/attend.js';
import type {ScaledDotProductAttentionOptions} from '../scaled_dot_product_attention/options.js';
import {swish} from '../swish/index.js';
import type {GatedAttentionOptions, ScaleOffsetWeights} from './options.js';

/** A rotation that was done apart from attention, and why, for the report. */
interface Turned {
  tables: RotaryTables;
  layout: RotaryLayout;
  apart: string;
}

/** The parts of the hidden projection, for gate, value and z: `[B, T, U]`, `[B, T, U]` and `[B, T, S]`. */
export type ProjectedParts = [gate: tf.Tensor3D, value: tf.Tensor3D, z: tf.Tensor3D];

export const activated = (parts: ProjectedParts, {activation}: GatedAttentionOptions): ProjectedParts =>
  activation === undefined ? parts : (parts.map(swish) as ProjectedParts);

/** What the gated attention of activated parts consists of. */
export interface GatedParts {
  gate: tf.Tensor3D;
  value: tf.Tensor3D;
  /** What queries and keys are made of. */
  z: tf.Tensor3D;
  q: tf.Tensor3D;
  k: tf.Tensor3D;
  /** Of the attention; with `rotary` where that rotates q and k. */
  attention: ScaledDotProductAttentionOptions;
  /** What q and k were rotated by already. */
  turned?: Turned;
}

export function gatedParts(
  [gate, value, z]: ProjectedParts,
  query: ScaleOffsetWeights,
  key: ScaleOffsetWeights,
  options: GatedAttentionOptions,
): GatedParts {
  const [q, k] = [query, key].map(weights => scaleOffset(z, weights) as tf.Tensor3D);
  const {activation, rotary, positions, ...attention} = options;
  if (rotary === undefined) return {gate, value, z, q, k, attention};
  const rotated = {...attention, rotary: {...rotary, positions}};
  const onLoad = rotatesOnLoad(q, k, value, rotated, 'gatedAttention');
  if (onLoad === true) return {gate, value, z, q, k, attention: rotated};
  const tables = rotaryTables(z.shape, {...rotary, positions});
  const turned = {tables, layout: rotary.layout, apart: onLoad};
  return {gate, value, z, q: turn(q, turned), k: turn(k, turned), attention, turned};
}

/** `x` rotated, or with `back` its gradient rotated back. */
export function turn<T extends tf.Tensor>(x: T, {tables, layout, apart}: Turned, back = false): T {
  const {cos, sin} = tables;
  return rotate(x, back ? {cos, sin: tf.neg(sin)} : tables, layout, apart) as T;
}

const scaleOffset = (z: tf.Tensor, {gamma, beta}: ScaleOffsetWeights): tf.Tensor =>
  beta === undefined ? tf.mul(z, gamma) : tf.add(tf.mul(z, gamma), beta);
