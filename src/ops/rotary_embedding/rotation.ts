import * as tf from '@tensorflow/tfjs-core';

import {check} from '../../internal/check.js';
import {
  checkPositions,
  completeRotary,
  type RotaryEmbeddingOptions,
  rotaryTables,
  rotate,
  spreadOverHeads,
} from './index.js';
import {type RotaryLayout, tablesOfTurns, turnsInOrder, turnsOf} from './tables.js';
import {turnsOnDevice} from './turns.js';

/** A rotation of queries and keys that is still to be done. */
export interface Rotation {
  layout: RotaryLayout;
  /**
   * Cosines and sines by place, `[T, D/2, 2]` of as many places as the longer of both has; or by sample, `[B, T, D/2,
   * 2]`.
   */
  turns: tf.Tensor;
}

/** Whether each sample has positions of its own. */
export const turnsBySample = (rotation: Pick<Rotation, 'turns'> | undefined): boolean => rotation?.turns.rank === 4;

export function rotationOf(q: tf.Tensor, k: tf.Tensor, options: RotaryEmbeddingOptions, where: string): Rotation {
  const [queries, width] = q.shape.slice(-2);
  const keys = k.shape[k.rank - 2];
  const {base, layout} = completeRotary(width, options, where);
  const {positions} = options;
  if (positions === undefined) return {layout, turns: turnsInOrder(Math.max(queries, keys), width / 2, base)};
  checkShared(q, k, where);
  checkPositions(positions, q.shape, where);
  const make = Array.isArray(positions) ? turnsOf : turnsOnDevice;
  return {layout, turns: make(positions as number[] & tf.Tensor, width / 2, base)};
}

/** Checks that positions can be those of queries and keys. */
function checkShared(q: tf.Tensor, k: tf.Tensor, where: string): void {
  const [queries, keys] = [q, k].map(({shape}) => shape[shape.length - 2]);
  check(queries === keys, where, `${queries} keys with positions, which are those of queries and keys`, keys);
}

/** `x` rotated, or with `back` its gradient rotated back. */
export function turn(x: tf.Tensor, rotation: Rotation, back = false): tf.Tensor {
  const {layout, turns} = rotation;
  const length = x.shape[x.rank - 2];
  const bySample = turnsBySample(rotation);
  const {cos, sin} = tablesOfTurns(bySample ? turns : tf.slice(turns, [0, 0, 0], [length, -1, -1]));
  const spread = (table: tf.Tensor) => (bySample ? spreadOverHeads(table, x.shape) : table);
  return rotate(x, {cos: spread(cos), sin: spread(back ? tf.neg(sin) : sin)}, layout);
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
  if (options.positions !== undefined) checkShared(q, k, where);
  const tables = rotaryTables(q.shape, {...options, layout}, where);
  const alike = q.shape[q.rank - 2] === k.shape[k.rank - 2];
  const ofKeys = alike ? tables : rotaryTables(k.shape, {...options, layout}, where);
  return [rotate(q, tables, layout, apart) as T, rotate(k, ofKeys, layout, apart) as T];
}
