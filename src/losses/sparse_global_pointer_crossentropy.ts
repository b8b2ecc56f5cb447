import type * as tf from '@tensorflow/tfjs-core';

import {check, checkOneOf} from '../internal/check.js';
import {HEAD_REDUCTIONS, type HeadReduction} from '../internal/head_reduction.js';
import {defineLoss, defineLossMaker, type LossFunction} from '../internal/named_functions.js';
import {areSpans, listedSpansCrossentropy} from './listed_spans.js';

export interface SparseGlobalPointerCrossentropyArgs {
  /** Score above which a span counts as predicted. Default 0. */
  threshold?: number;
  /**
   * The span (0, 0) is padding and takes no part: neither true nor false. With false, pad with −1, and an entity may
   * be the first token alone. Default true, as in GPLinker, where that token is [CLS].
   */
  maskZero?: boolean;
  /**
   * `mean`, `sumOverHeads` or `none`, as in `globalPointerCrossentropyLoss`. Default `sumOverHeads`, as in GPLinker.
   */
  reduction?: HeadReduction;
}

/**
 * The loss of GlobalPointer with labels as lists of spans, which are T²/2K times smaller than dense ones:
 * `sparseMultilabelCategoricalCrossentropy` of each sample and head over the T² spans.
 *
 * `spanLabels` makes the tensor from lists of {head, start, end}, by head; `spanList` makes one list a sample, which is
 * smaller where few heads have a span. Spans outside the square, such as (−1, −1), and of no head are padding, and a
 * span listed twice counts once. `sparseGlobalPointerCrossentropyLoss({threshold, maskZero, reduction})` makes one
 * with options.
 *
 * Labels on impossible cells, in the padding or with an end before the start, are ignored: scores below −1e11 are
 * absent. A mask value of less, as on half floats, costs a label there what it says.
 *
 * For the scores of an Efficient GlobalPointer in training, from T = 64 on, it is computed from what the scores were
 * made of, by `efficientGlobalPointerCrossentropy`: some passes over `[B, T, T]` instead of many over `[B, H, T, T]`.
 *
 * @param yTrue `[B, H, K, 2]` spans (start, end), or `[B, K, 3]` spans (head, start, end), ends inclusive, int32 or
 *   whole float32.
 * @param yPred `[B, H, T, T]` scores of a GlobalPointer layer, float32; −Infinity is no span.
 * @returns A scalar: the sum over heads, averaged over samples, as GPLinker; `[B, H]` with reduction `none`.
 *
 * ```ts
 * const spans = tfa.spanLabels([[{head: 1, start: 1, end: 2}]], {heads: 2});
 * const scores = tf.randomNormal([1, 2, 4, 4]);
 * tfa.losses.sparseGlobalPointerCrossentropy(spans, scores).print();
 * ```
 *
 * Reference: Su Jianlin, kexue.fm/archives/8888 (GPLinker); bert4keras task_relation_extraction_gplinker.py.
 */
export const sparseGlobalPointerCrossentropy: LossFunction = defineLoss(
  'sparseGlobalPointerCrossentropy',
  (yTrue, yPred) => crossentropy(yTrue, yPred, {}),
);

/** `sparseGlobalPointerCrossentropy` with options. */
export const sparseGlobalPointerCrossentropyLoss: (args?: SparseGlobalPointerCrossentropyArgs) => LossFunction =
  defineLossMaker(
    'sparseGlobalPointerCrossentropyLoss',
    (args: SparseGlobalPointerCrossentropyArgs = {}) => {
      const {threshold = 0, reduction = 'sumOverHeads'} = args;
      check(Number.isFinite(threshold), 'sparseGlobalPointerCrossentropyLoss', 'threshold to be finite', threshold);
      checkOneOf(reduction, HEAD_REDUCTIONS, 'sparseGlobalPointerCrossentropyLoss', 'reduction');
      return (yTrue, yPred) => crossentropy(yTrue, yPred, args);
    },
    {threshold: true, maskZero: true, reduction: true},
  );

function crossentropy(
  yTrue: tf.Tensor,
  yPred: tf.Tensor,
  {threshold = 0, maskZero = true, reduction = 'sumOverHeads'}: SparseGlobalPointerCrossentropyArgs,
): tf.Tensor {
  const where = 'sparseGlobalPointerCrossentropy';
  const [batch, heads, length, width] = yPred.shape as [number, number, number, number];
  check(yPred.rank === 4 && length === width, where, 'scores [batch, heads, length, length]', yPred);
  check(
    areSpans(yTrue, yPred.shape),
    where,
    `spans of shape [${batch}, ${heads}, K, 2] or [${batch}, K, 3]`,
    {shape: yTrue.shape},
    'The order is (yTrue, yPred). spanLabels and spanList make them; dense labels go to globalPointerCrossentropy.',
  );
  return listedSpansCrossentropy(where, yTrue, yPred, {threshold, maskZero, reduction});
}
