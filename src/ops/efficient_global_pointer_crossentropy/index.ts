import * as tf from '@tensorflow/tfjs-core';

import {check, checkOneOf, checkShape} from '../../internal/check.js';
import {HEAD_REDUCTIONS, type HeadReduction, reduceHeads} from '../../internal/head_reduction.js';
import {spanVisibility} from '../../internal/span_visibility.js';
import type {SpanScoreOptions} from '../global_pointer_scores/index.js';
import {type Factors, factorisedGradient, factorisedLoss} from './factorised.js';
import {type ListedSpans, listSpans, spansAndTypes} from './spans.js';

export interface EfficientGlobalPointerCrossentropyOptions extends Omit<SpanScoreOptions, 'maskValue'> {
  /** The span (0, 0) is padding and takes no part, as in `sparseGlobalPointerCrossentropy`. Default true. */
  maskZero?: boolean;
  /** Over samples and types. Default `sumOverHeads`. */
  reduction?: HeadReduction;
}

/**
 * `losses.sparseGlobalPointerCrossentropy` of `efficientGlobalPointerScores`, without ever making the scores.
 *
 * The scores are base[i, j] + start[h, i] + end[h, j], so that the sum of their exponentials over all cells is two
 * products of matrices with `[B, T, T]` numbers, whatever the number of types; the labelled cells are taken out of it
 * and added one by one. It needs 4 (T² + H·T) bytes a sample several times over instead of 42 times 4·H·T², and is
 * faster in the same measure. It is exact, with confident labels as well, as long as no score lies more than 80 below
 * the sum of the largest base of its row, start and end.
 *
 * @param spans `[B, H, K, 2]` labels (start, end) by type, or `[B, K, 3]` labels (type, start, end); see `spanLabels` and
 *   `spanList`. Lists cost less where few types have a label.
 * @param q `[B, T, D]`, as `efficientGlobalPointerScores` takes it.
 * @param k `[B, T, D]`.
 * @param bias `[B, T, 2H]`: end (even channels) and start (odd channels) of each type.
 * @returns A scalar: the sum over types, averaged over samples; `[B, H]` with reduction `none`.
 * @throws RangeError for shapes that do not belong together.
 *
 * ```ts
 * const spans = tfa.spanLabels([[{head: 1, start: 0, end: 2}]], {heads: 3});
 * const [q, k] = [tf.randomNormal([1, 5, 4]), tf.randomNormal([1, 5, 4])] as tf.Tensor3D[];
 * const bias = tf.randomNormal([1, 5, 6]) as tf.Tensor3D;
 * tfa.efficientGlobalPointerCrossentropy(spans, q, k, bias).print();
 * ```
 *
 * Reference: kexue.fm/archives/8877 for the scores, 7359 for the loss.
 */
export function efficientGlobalPointerCrossentropy(
  spans: tf.Tensor3D | tf.Tensor4D,
  q: tf.Tensor3D,
  k: tf.Tensor3D,
  bias: tf.Tensor3D,
  options: EfficientGlobalPointerCrossentropyOptions = {},
): tf.Tensor {
  const where = 'efficientGlobalPointerCrossentropy';
  check(q.rank === 3, where, 'q of shape [B, T, D]', q);
  const [batch, length, headSize] = q.shape;
  checkShape(k.shape, q.shape, where, 'k');
  checkShape(bias.shape, [batch, length, null], where, 'bias');
  check(bias.shape[2] % 2 === 0, where, 'bias with two channels a type', bias);
  const heads = bias.shape[2] / 2;
  const spanShape = spans.rank === 3 ? [batch, null, 3] : [batch, heads, null, 2];
  checkShape(spans.shape, spanShape, where, 'spans', 'spanLabels and spanList make them.');
  const {mask, trilMask = true, scale = 1 / Math.sqrt(headSize)} = options;
  const {maskZero = true, reduction = 'sumOverHeads'} = options;
  if (mask !== undefined) checkShape(mask.shape, [batch, length], where, 'mask');
  checkOneOf(reduction, HEAD_REDUCTIONS, where, 'reduction');
  return tf.tidy(() => {
    const base = tf.matMul(tf.mul(q, scale), k, false, true) as tf.Tensor3D;
    const byType = tf.reshape(tf.transpose(bias, [0, 2, 1]), [batch, heads, 2, length]);
    const [end, start] = tf.unstack(byType, 2) as tf.Tensor3D[];
    const listed = listSpans(spansAndTypes(spans, heads), length, spanVisibility(length, mask, trilMask), maskZero);
    return reduceHeads(crossentropy({base, start, end}, listed), reduction);
  });
}

function crossentropy({base, start, end}: Factors, spans: ListedSpans): tf.Tensor2D {
  const names = Object.keys(spans) as (keyof ListedSpans)[];
  const op = tf.customGrad((...args) => {
    const [base, start, end, save] = args as unknown as [tf.Tensor3D, tf.Tensor3D, tf.Tensor3D, tf.GradSaveFunc];
    save([base, start, end, ...names.map(name => spans[name])]);
    return {
      value: tf.tidy(() => factorisedLoss({base, start, end}, spans)),
      gradFunc: (dy, saved) =>
        tf.tidy(() => {
          const [base, start, end, ...rest] = saved as tf.Tensor3D[];
          const spans = Object.fromEntries(rest.map((x, i) => [names[i], x])) as unknown as ListedSpans;
          const gradients = factorisedGradient(dy as tf.Tensor2D, {base, start, end}, spans);
          return [gradients.base, gradients.start, gradients.end];
        }),
    };
  });
  return op(base, start, end) as tf.Tensor2D;
}
