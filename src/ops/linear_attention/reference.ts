import * as tf from '@tensorflow/tfjs-core';

import {exclusiveSums, padTo} from '../../internal/exclusive_sums.js';

export interface CausalProductAttrs {
  /** Rows that are multiplied as one block. */
  chunkSize: number;
  /** Whether row i sees j ≥ i instead of j ≤ i. */
  reverse: boolean;
}

/**
 * `o_i = Σ_{j ≤ i} (q_i · k_j) v_j` from composed tfjs ops. For chunk c with the sum S of all chunks before it,
 *
 *   O_c = q_c S + tril(q_c k_cᵀ) v_c,   S ← S + k_cᵀ v_c.
 *
 * @param q `[G, T, M]`.
 * @param k `[G, T, M]`.
 * @param v `[G, T, D]`.
 */
export function causalProductReference(
  q: tf.Tensor3D,
  k: tf.Tensor3D,
  v: tf.Tensor3D,
  {chunkSize, reverse}: CausalProductAttrs,
): tf.Tensor3D {
  const [groups, length, features] = q.shape;
  const channels = v.shape[2];
  const rows = Math.min(chunkSize, length);
  const chunks = Math.ceil(length / rows);
  const [qs, ks, vs] = [q, k, v].map(x => intoChunks(x, chunks, rows));
  const scores = tf.mul(tf.matMul(qs, ks, false, true), triangle(rows, reverse)); // [G·N, C, C]
  const inside = tf.matMul(scores, vs) as tf.Tensor3D;
  if (chunks === 1) return inside;
  const own = tf.reshape(tf.matMul(ks, vs, true, false), [groups, chunks, features * channels]) as tf.Tensor3D;
  const sums = tf.reshape(exclusiveSums(own, reverse), [groups * chunks, features, channels]);
  const output = tf.reshape(tf.add(inside, tf.matMul(qs, sums)), [groups, chunks * rows, channels]) as tf.Tensor3D;
  return chunks * rows === length ? output : tf.slice(output, [0, 0, 0], [groups, length, channels]);
}

/** `[G, T, E]` → `[G·N, C, E]`, with zeros behind the last row. */
export const intoChunks = (x: tf.Tensor3D, chunks: number, rows: number): tf.Tensor3D =>
  tf.reshape(padTo(x, chunks * rows), [x.shape[0] * chunks, rows, x.shape[2]]);

/** `[C, C]`, 1 where j ≤ i, or j ≥ i with `reverse`. */
function triangle(rows: number, reverse: boolean): tf.Tensor2D {
  const ones = new Float32Array(rows * rows);
  for (let i = 0; i < rows; i++) {
    if (reverse) ones.fill(1, i * rows + i, (i + 1) * rows);
    else ones.fill(1, i * rows, i * rows + i + 1);
  }
  return tf.tensor2d(ones, [rows, rows]);
}
