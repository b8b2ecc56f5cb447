import * as tf from '@tensorflow/tfjs-core';

import {choosePath, isFused, whyNotFused} from '../../internal/kernels.js';
import {isTaping} from '../../internal/taping.js';
import type {RotaryEmbeddingOptions} from '../rotary_embedding/index.js';
import {ROTARY_EMBEDDING} from '../rotary_embedding/name.js';
import {type Rotation, rotateFirst, rotationOf} from '../rotary_embedding/rotation.js';
import {SPAN_SCORES, type SpanScoreAttrs, type SpanScoreInputs} from './name.js';

/**
 * Why queries and keys of spans are rotated before their scores are made; `undefined` where the kernel may do it.
 *
 * @param isEfficient Whether they are those of Efficient GlobalPointer.
 */
export function whySpansRotateBefore(isEfficient: boolean): string | undefined {
  const backend = tf.getBackend();
  if (backend !== 'webgpu') return `no kernel of ${backend} rotates what it loads`;
  if (!isFused()) return 'fused kernels are switched off';
  return isEfficient && isTaping() ? 'in training its loss goes by rotated queries and keys' : undefined;
}

/** Queries and keys as the scores are to be made of them: with a rotation that the kernel does, or rotated here. */
export function rotatedSpans<T extends tf.Tensor>(
  {q, k, bias, mask}: SpanScoreInputs & {q: T; k: T},
  attrs: SpanScoreAttrs,
  rotary: RotaryEmbeddingOptions | undefined,
  where: string,
): {q: T; k: T; rotation?: Rotation} {
  if (rotary === undefined) return {q, k};
  const rotation = rotationOf(q, k, rotary, where);
  const {layout, turns} = rotation;
  const before =
    whySpansRotateBefore(bias !== undefined) ?? whyNotFused(SPAN_SCORES, {q, k, bias, mask, turns}, {...attrs, layout});
  if (before !== undefined) {
    const [queries, keys] = rotateFirst(q, k, rotary, before, where);
    return {q: queries, k: keys};
  }
  choosePath(ROTARY_EMBEDDING, `in ${SPAN_SCORES}, which rotates q and k as it loads them`);
  return {q, k, rotation};
}
