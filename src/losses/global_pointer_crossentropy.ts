import * as tf from '@tensorflow/tfjs-core';

import {check, checkOneOf} from '../internal/check.js';
import {HEAD_REDUCTIONS, type HeadReduction, reduceHeads} from '../internal/head_reduction.js';
import {choosePath} from '../internal/kernels.js';
import {defineLoss, defineLossMaker, type LossFunction} from '../internal/named_functions.js';
import {factorsOf} from '../internal/span_factors.js';
import {efficientGlobalPointerCrossentropy} from '../ops/efficient_global_pointer_crossentropy/index.js';
import {isStreamed} from '../ops/efficient_global_pointer_crossentropy/streamed.js';
import {multilabelCrossentropy} from '../ops/multilabel_crossentropy/index.js';
import {areSpans, listedSpansCrossentropy} from './listed_spans.js';

export interface GlobalPointerCrossentropyArgs {
  /** Score above which a span counts as predicted. Default 0. */
  threshold?: number;
  /**
   * `mean` over samples and heads; `sumOverHeads`, then mean over samples; `none`, `[B, H]`.
   * Default `mean`, as in the GlobalPointer examples.
   */
  reduction?: HeadReduction;
}

/**
 * The loss of GlobalPointer: `multilabelCategoricalCrossentropy` of each sample and head, whose classes are the T²
 * spans (start, end).
 *
 * Dense labels are as large as the scores. Lists of spans, which `spanList` makes, need T²/3K times less memory, and
 * with an Efficient GlobalPointer the scores are then not needed either: see `sparseGlobalPointerCrossentropy`, which
 * differs from this in its defaults. Values in the hundreds are normal before training.
 * Labels on impossible cells, in the padding or with an end before the start, are ignored: scores below −1e11 are
 * absent. A mask value of less, as on half floats, costs a label there what it says.
 * `globalPointerCrossentropyLoss({threshold, reduction})` makes one with options.
 *
 * @param yTrue `[B, H, T, T]`, 1 at (start, end) of each span, ends inclusive; degrees in [0, 1] are allowed. Or
 *   `[B, K, 3]` spans (head, start, end), or `[B, H, K, 2]` spans (start, end) unless K = T = 2; int32 or whole float32,
 *   padded with −1.
 * @param yPred `[B, H, T, T]` scores of a GlobalPointer layer, float32; −Infinity is no span.
 * @returns A scalar, the mean over samples and heads, as bojone/GlobalPointer; `[B, H]` with reduction `none`.
 *
 * ```ts
 * const scores = tf.randomNormal([1, 2, 4, 4]);
 * const labels = tf.zeros([1, 2, 4, 4]);
 * tfa.losses.globalPointerCrossentropy(labels, scores).print();
 * ```
 *
 * Reference: Su Jianlin, kexue.fm/archives/8373; bojone/GlobalPointer `global_pointer_crossentropy`.
 */
export const globalPointerCrossentropy: LossFunction = defineLoss('globalPointerCrossentropy', (yTrue, yPred) =>
  crossentropy(yTrue, yPred, 0, 'mean'),
);

/** `globalPointerCrossentropy` with options. */
export const globalPointerCrossentropyLoss: (args?: GlobalPointerCrossentropyArgs) => LossFunction = defineLossMaker(
  'globalPointerCrossentropyLoss',
  ({threshold = 0, reduction = 'mean'}: GlobalPointerCrossentropyArgs = {}) => {
    check(Number.isFinite(threshold), 'globalPointerCrossentropyLoss', 'threshold to be finite', threshold);
    checkOneOf(reduction, HEAD_REDUCTIONS, 'globalPointerCrossentropyLoss', 'reduction');
    return (yTrue, yPred) => crossentropy(yTrue, yPred, threshold, reduction);
  },
  {threshold: true, reduction: true},
);

function crossentropy(yTrue: tf.Tensor, yPred: tf.Tensor, threshold: number, reduction: HeadReduction): tf.Tensor {
  const where = 'globalPointerCrossentropy';
  const [batch, heads, length, width] = yPred.shape as [number, number, number, number];
  check(yPred.rank === 4 && length === width, where, 'scores [batch, heads, length, length]', yPred);
  const isDense = tf.util.arraysEqual(yTrue.shape, yPred.shape);
  check(
    isDense || areSpans(yTrue, yPred.shape),
    where,
    `labels of shape [${yPred.shape.join(', ')}], that of the scores, or spans [${batch}, K, 3]`,
    {shape: yTrue.shape},
    'The order is (yTrue, yPred).',
  );
  if (!isDense) return listedSpansCrossentropy(where, yTrue, yPred, {threshold, maskZero: false, reduction});
  const joined = factorsForDense(where, yTrue, yPred);
  if (joined !== undefined) {
    const {q, k, bias, options} = joined;
    const all = {...options, threshold, maskZero: false, reduction};
    return efficientGlobalPointerCrossentropy(yTrue as tf.Tensor4D, q, k, bias, all);
  }
  const shape: [number, number] = [batch * heads, length * length];
  return tf.tidy(() => {
    const loss = multilabelCrossentropy(tf.reshape(yTrue, shape), tf.reshape(yPred, shape), {
      form: 'dense',
      threshold,
      maskZero: false,
      side: length,
    });
    return reduceHeads(tf.reshape(loss, [batch, heads]), reduction);
  });
}

/** What Efficient GlobalPointer scores were made of, where a kernel takes it with dense labels. */
function factorsForDense(where: string, labels: tf.Tensor, scores: tf.Tensor) {
  const factors = factorsOf(scores);
  if (factors?.bias === undefined || labels.shape[3] === 2) return undefined; // two tokens: it may be a list
  const {q, k, bias, options} = factors;
  const serves = isStreamed({q, k, bias, labels, mask: options.mask}, {form: 'dense'});
  return serves && choosePath(where, 'the factors of the scores') ? factors : undefined;
}
