import * as tf from '@tensorflow/tfjs-core';

import {withCleanLanes} from '../../internal/clean_lanes.js';
import {exclusiveSums, padTo, pairwiseSum} from '../../internal/exclusive_sums.js';

export interface CausalProductAttrs {
  /** Rows that are multiplied as one block; `undefined` for what is fastest. */
  chunkSize?: number;
  /** Whether row i sees j ≥ i instead of j ≤ i. */
  reverse: boolean;
}

/** Chunks that are multiplied at once: what lies between input and output is bounded by so many. */
const CHUNKS_AT_ONCE = 32;

/**
 * The product of one span, given the sum of all that it sees outside, and the sum that it adds where others need it.
 */
export type ProductOfSpan = (
  qkv: tf.Tensor3D[],
  outside: tf.Tensor3D | undefined,
  attrs: Required<CausalProductAttrs>,
) => {output: tf.Tensor3D; total?: tf.Tensor3D};

/** Whether `length` rows are multiplied at once. */
export const isOneSpan = (length: number, chunkSize: number): boolean => length <= chunkSize * CHUNKS_AT_ONCE;

/**
 * `o_i = Σ_{j ≤ i} (q_i · k_j) v_j` from composed tfjs ops. For chunk c with the sum S of all chunks before it,
 *
 *   O_c = q_c S + tril(q_c k_cᵀ) v_c,   S ← S + k_cᵀ v_c.
 *
 * @param q `[G, T, M]`.
 * @param k `[G, T, M]`.
 * @param v `[G, T, D]`.
 */
export const causalProductReference = (
  q: tf.Tensor3D,
  k: tf.Tensor3D,
  v: tf.Tensor3D,
  attrs: CausalProductAttrs,
): tf.Tensor3D => productInSpans([q, k, v], attrs, productOfSpan);

/** Span after span, of which each hands the sum of its keys and values to the next. */
export function productInSpans(
  [q, k, v]: tf.Tensor3D[],
  {chunkSize = bestChunk(q.shape[2], v.shape[2]), reverse}: CausalProductAttrs,
  productOfSpan: ProductOfSpan,
): tf.Tensor3D {
  const [groups, length, features] = q.shape;
  const attrs = {chunkSize, reverse};
  if (isOneSpan(length, chunkSize)) return tf.tidy(() => productOfSpan([q, k, v], undefined, attrs).output);
  const span = chunkSize * CHUNKS_AT_ONCE;
  const spans = Math.ceil(length / span);
  let sums = tf.zeros([groups, features, v.shape[2]]) as tf.Tensor3D;
  const outputs: tf.Tensor3D[] = [];
  for (let n = 0; n < spans; n++) {
    const at = reverse ? spans - 1 - n : n;
    const size = Math.min(span, length - at * span);
    const next = tf.tidy(() => {
      const parts = [q, k, v].map(x => tf.slice(x, [0, at * span, 0], [groups, size, x.shape[2]]));
      const {output, total} = productOfSpan(parts, sums, attrs);
      return {output, sums: tf.add(sums, total!) as tf.Tensor3D};
    });
    sums.dispose();
    sums = next.sums;
    outputs[at] = next.output;
  }
  return tf.concat(outputs, 1);
}

const productOfSpan: ProductOfSpan = ([q, k, v], outside, {chunkSize, reverse}) => {
  const [groups, length, features] = q.shape;
  const channels = v.shape[2];
  const rows = Math.min(chunkSize, length);
  const chunks = Math.ceil(length / rows);
  const [qs, ks, vs] = [q, k, v].map(x => intoChunks(x, chunks, rows));
  const inside = tf.tidy(() => {
    const scores = withCleanLanes(tf.mul(tf.matMul(qs, ks, false, true), triangle(rows, reverse))); // [G·N, C, C]
    return tf.matMul(scores, vs);
  });
  const own = tf.reshape(tf.matMul(ks, vs, true, false), [groups, chunks, features * channels]) as tf.Tensor3D;
  const total = tf.reshape(pairwiseSum(own), [groups, features, channels]) as tf.Tensor3D;
  if (chunks === 1 && outside === undefined) return {output: inside as tf.Tensor3D, total};
  const between = exclusiveSums(own, reverse);
  const flat = outside && tf.reshape(outside, [groups, 1, features * channels]);
  const sums = tf.reshape(flat === undefined ? between : tf.add(between, flat), [groups * chunks, features, channels]);
  const padded = tf.reshape(tf.add(inside, tf.matMul(qs, sums)), [groups, chunks * rows, channels]) as tf.Tensor3D;
  const output = chunks * rows === length ? padded : tf.slice(padded, [0, 0, 0], [groups, length, channels]);
  return {output, total};
};

/** `[G, T, E]` → `[G·N, C, E]`, with zeros behind the last row. */
export const intoChunks = (x: tf.Tensor3D, chunks: number, rows: number): tf.Tensor3D =>
  withCleanLanes(tf.reshape(padTo(x, chunks * rows), [x.shape[0] * chunks, rows, x.shape[2]]));

/** `[C, C]`, 1 where j ≤ i, or j ≥ i with `reverse`. */
export function triangle(rows: number, reverse: boolean): tf.Tensor2D {
  const ones = new Float32Array(rows * rows);
  for (let i = 0; i < rows; i++) {
    if (reverse) ones.fill(1, i * rows + i, (i + 1) * rows);
    else ones.fill(1, i * rows, i * rows + i + 1);
  }
  return tf.tensor2d(ones, [rows, rows]);
}

/** Scores take T·C numbers and sums T/C·M·D: the power of two that makes both alike. */
export function bestChunk(features: number, channels: number): number {
  return 2 ** Math.min(8, Math.max(5, Math.round(Math.log2(features * channels) / 2)));
}
