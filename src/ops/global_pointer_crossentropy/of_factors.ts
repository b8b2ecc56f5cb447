import * as tf from '@tensorflow/tfjs-core';

import {choosePath, whyNotFused} from '../../internal/kernels.js';
import {spanVisibility} from '../../internal/span_visibility.js';
import type {RotaryEmbeddingOptions} from '../rotary_embedding/index.js';
import {ROTARY_EMBEDDING} from '../rotary_embedding/name.js';
import {type Rotation, rotateFirst, rotationOf, turn} from '../rotary_embedding/rotation.js';
import {lossByType} from './by_type.js';
import {SPAN_CROSSENTROPY, type SpanAttrs} from './name.js';
import {makesNoScores, spanCrossentropy} from './streamed.js';

/** Length from which factors are faster than scores that exist: measured on tensorflow, wasm and webgpu. */
export const LONG = 64;

/** Whether the loss of these queries and keys is computed without their scores, though they may exist. */
export const isStreamed = (q: tf.Tensor4D, k: tf.Tensor4D, scores?: tf.Tensor): boolean =>
  (scores === undefined || q.shape[2] >= LONG) && makesNoScores(q, k);

/**
 * The loss `[B, H]` of the spans `[B, H, K, 2]`: by kernels that make no scores where this backend has them, else one
 * type after the other.
 *
 * @param scores `[B, H, T, T]` where they exist.
 */
export function lossOfFactors(
  spans: tf.Tensor4D,
  {q, k, mask, rotation}: {q: tf.Tensor4D; k: tf.Tensor4D; mask?: tf.Tensor; rotation?: Rotation},
  attrs: SpanAttrs,
  scores?: tf.Tensor4D,
): tf.Tensor2D {
  if (isStreamed(q, k, scores)) return spanCrossentropy(spans, q, k, mask, attrs, rotation);
  const {scale, trilMask, threshold, maskZero} = attrs;
  const keep = spanVisibility(q.shape[2], mask, trilMask);
  const [queries, keys] = rotation === undefined ? [q, k] : [q, k].map(x => turn(x, rotation) as tf.Tensor4D);
  return lossByType({q: queries, k: keys, keep, scale}, spans, {threshold, maskZero}, scores);
}

/** Queries and keys as `lossOfFactors` takes them: with a rotation that the kernel does, or rotated here. */
export function rotatedFactors(
  q: tf.Tensor4D,
  k: tf.Tensor4D,
  rotary: RotaryEmbeddingOptions | undefined,
  where: string,
): {q: tf.Tensor4D; k: tf.Tensor4D; rotation?: Rotation} {
  if (rotary === undefined) return {q, k};
  const backend = tf.getBackend();
  const before =
    backend === 'webgpu' ? whyNotFused(SPAN_CROSSENTROPY, {q, k}, {}) : `no kernel of ${backend} rotates what it loads`;
  if (before === undefined) {
    choosePath(ROTARY_EMBEDDING, `in ${SPAN_CROSSENTROPY}, which rotates q and k as it loads them`);
    return {q, k, rotation: rotationOf(q, k, rotary, where)};
  }
  const [queries, keys] = rotateFirst(q, k, rotary, before, where);
  return {q: queries, k: keys};
}
