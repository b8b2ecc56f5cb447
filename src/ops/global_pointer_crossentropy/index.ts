import * as tf from '@tensorflow/tfjs-core';

import {check, checkOneOf, checkShape} from '../../internal/check.js';
import {HEAD_REDUCTIONS, type HeadReduction, reduceHeads} from '../../internal/head_reduction.js';
import {checkOptions, type OptionNames} from '../../internal/known_options.js';
import {spansByType} from '../../internal/span_lists.js';
import type {SpanScoreOptions} from '../global_pointer_scores/index.js';
import {lossOfFactors, rotatedFactors} from './of_factors.js';

export interface GlobalPointerCrossentropyOptions extends Omit<SpanScoreOptions, 'maskValue'> {
  /** Score above which a span counts as predicted. Default 0. */
  threshold?: number;
  /** The span (0, 0) is padding and takes no part, as in `sparseGlobalPointerCrossentropy`. Default true. */
  maskZero?: boolean;
  /** Over samples and types. Default `sumOverHeads`. */
  reduction?: HeadReduction;
}

const OPTIONS: OptionNames<GlobalPointerCrossentropyOptions> = {
  ...{mask: true, trilMask: true, rotary: true, scale: true},
  ...{threshold: true, maskZero: true, reduction: true},
};

/**
 * `losses.sparseGlobalPointerCrossentropy` of `globalPointerScores`, one type after the other, forward and backward, so
 * that the scores of one type exist at a time: `[B, T, T]` instead of several `[B, H, T, T]`. The backward pass
 * computes them again. Spans that are impossible, such as padding, are no labels. On webgpu, wasm and cpu no scores are
 * made at all, memory is that of the gradients, and half of the products are skipped with `trilMask`.
 *
 * For many types or long texts. In a model the scores exist in any case; there the losses take them from the head and
 * loop over the types in the backward pass by themselves.
 *
 * @param spans `[B, H, K, 2]` labels (start, end) by type, or `[B, K, 3]` labels (type, start, end); see `spanLabels` and
 *   `spanList`.
 * @param q `[B, H, T, D]`, as `globalPointerScores` takes it.
 * @param k `[B, H, T, D]`.
 * @returns A scalar: the sum over types, averaged over samples; `[B, H]` with reduction `none`.
 * @throws RangeError for shapes that do not belong together.
 *
 * ```ts
 * const spans = tfa.spanList([[{head: 1, start: 0, end: 2}]]);
 * const [q, k] = [tf.randomNormal([1, 3, 5, 4]), tf.randomNormal([1, 3, 5, 4])] as tf.Tensor4D[];
 * tfa.globalPointerCrossentropy(spans, q, k).print();
 * ```
 *
 * Reference: Su et al. 2022, arXiv:2208.03054; kexue.fm/archives/8373 for the scores, 7359 for the loss.
 */
export function globalPointerCrossentropy(
  spans: tf.Tensor3D | tf.Tensor4D,
  q: tf.Tensor4D,
  k: tf.Tensor4D,
  options: GlobalPointerCrossentropyOptions = {},
): tf.Tensor {
  const where = 'globalPointerCrossentropy';
  checkOptions(options, OPTIONS, where);
  check(q.rank === 4, where, 'q of shape [B, H, T, D]', q);
  checkShape(k.shape, q.shape, where, 'k');
  const [batch, heads, length, headSize] = q.shape;
  const spanShape = spans.rank === 3 ? [batch, null, 3] : [batch, heads, null, 2];
  checkShape(spans.shape, spanShape, where, 'spans', 'spanLabels and spanList make them.');
  const {mask, trilMask = true, scale = 1 / Math.sqrt(headSize)} = options;
  const {threshold = 0, maskZero = true, reduction = 'sumOverHeads'} = options;
  if (mask !== undefined) checkShape(mask.shape, [batch, length], where, 'mask');
  check(Number.isFinite(threshold), where, 'threshold to be finite', threshold);
  checkOneOf(reduction, HEAD_REDUCTIONS, where, 'reduction');
  return tf.tidy(() => {
    const list = tf.cast(spans, 'int32');
    const byType = list.rank === 3 ? spansByType(list as tf.Tensor3D, heads) : (list as tf.Tensor4D);
    const factors = {mask, ...rotatedFactors(q, k, options.rotary, where)};
    return reduceHeads(lossOfFactors(byType, factors, {scale, trilMask, threshold, maskZero}), reduction);
  });
}
