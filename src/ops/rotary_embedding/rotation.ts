import * as tf from '@tensorflow/tfjs-core';

import {completeRotary, type RotaryEmbeddingOptions, rotaryTables, rotate} from './index.js';
import {type RotaryLayout, tablesOfTurns, turnsInOrder} from './tables.js';

/** A rotation of queries and keys by their places that is still to be done. */
export interface Rotation {
  layout: RotaryLayout;
  /** Those of `turnsInOrder`, for as many places as the longer of both has. */
  turns: tf.Tensor3D;
}

export function rotationOf(q: tf.Tensor, k: tf.Tensor, options: RotaryEmbeddingOptions, where: string): Rotation {
  const [queries, width] = q.shape.slice(-2);
  const {base, layout} = completeRotary(width, options, where);
  return {layout, turns: turnsInOrder(Math.max(queries, k.shape[k.rank - 2]), width / 2, base)};
}

/** `x` rotated, or with `back` its gradient rotated back. */
export function turn(x: tf.Tensor, {layout, turns}: Rotation, back = false): tf.Tensor {
  const {cos, sin} = tablesOfTurns(turns, x.shape[x.rank - 2]);
  return rotate(x, {cos, sin: back ? tf.neg(sin) : sin}, layout);
}

/** `x` rotated by the places 0, 1, 2 … with the defaults of `rotaryEmbedding`; `apart` as for `rotate`. */
export const rotateInOrder = <T extends tf.Tensor>(x: T, apart: string): T =>
  tf.tidy(() => rotate(x, rotaryTables(x.shape, {}), 'interleaved', apart) as T);

/** Queries and keys, rotated by an op of their own; `apart` says why, for the report. */
export function rotateFirst<T extends tf.Tensor>(
  q: T,
  k: T,
  {layout = 'interleaved', ...options}: RotaryEmbeddingOptions,
  apart: string,
  where: string,
): [T, T] {
  const tables = rotaryTables(q.shape, {...options, layout}, where);
  const alike = q.shape[q.rank - 2] === k.shape[k.rank - 2];
  const ofKeys = alike ? tables : rotaryTables(k.shape, {...options, layout}, where);
  return [rotate(q, tables, layout, apart) as T, rotate(k, ofKeys, layout, apart) as T];
}
