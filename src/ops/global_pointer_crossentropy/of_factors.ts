import type * as tf from '@tensorflow/tfjs-core';

import {spanVisibility} from '../../internal/span_visibility.js';
import {lossByType} from './by_type.js';
import type {SpanAttrs} from './name.js';
import {makesNoScores, spanCrossentropy} from './streamed.js';

/** Length from which factors are faster than scores that exist: measured on tensorflow, wasm and webgpu. */
export const LONG = 64;

/** Whether the loss of these queries and keys is computed without their scores, though they may exist. */
export const isStreamed = (q: tf.Tensor4D, k: tf.Tensor4D, scores?: tf.Tensor): boolean =>
  (scores === undefined || q.shape[2] >= LONG) && makesNoScores(q, k);

/**
 * The loss `[B, H]` of the spans `[B, H, K, 2]`: by kernels that make no scores where this backend has them, else one type
 * after the other.
 *
 * @param scores `[B, H, T, T]` where they exist.
 */
export function lossOfFactors(
  spans: tf.Tensor4D,
  {q, k, mask}: {q: tf.Tensor4D; k: tf.Tensor4D; mask?: tf.Tensor},
  attrs: SpanAttrs,
  scores?: tf.Tensor4D,
): tf.Tensor2D {
  if (isStreamed(q, k, scores)) return spanCrossentropy(spans, q, k, mask, attrs);
  const {scale, trilMask, threshold, maskZero} = attrs;
  const keep = spanVisibility(q.shape[2], mask, trilMask);
  return lossByType({q, k, keep, scale}, spans, {threshold, maskZero}, scores);
}
