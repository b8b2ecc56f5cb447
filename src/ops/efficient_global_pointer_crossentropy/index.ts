import * as tf from '@tensorflow/tfjs-core';

import {check, checkOneOf, checkShape} from '../../internal/check.js';
import {HEAD_REDUCTIONS, type HeadReduction, reduceHeads} from '../../internal/head_reduction.js';
import {checkOptions, type OptionNames} from '../../internal/known_options.js';
import {GraphedCalls} from '../../internal/tensorflow_graph/graphed_calls.js';
import type {SpanScoreOptions} from '../global_pointer_scores/index.js';
import {rotateFirst} from '../rotary_embedding/rotation.js';
import type {LabelForm} from './name.js';
import {factorisedCrossentropyReference} from './reference.js';
import {isStreamed, streamedFactorisedCrossentropy} from './streamed.js';

const graphs = new GraphedCalls('efficientGlobalPointerCrossentropy');

export interface EfficientGlobalPointerCrossentropyOptions extends Omit<SpanScoreOptions, 'maskValue'> {
  /** Score above which a span counts as predicted. Default 0. */
  threshold?: number;
  /** The span (0, 0) is padding and takes no part, as in `sparseGlobalPointerCrossentropy`. Default true. */
  maskZero?: boolean;
  /** Over samples and types. Default `sumOverHeads`. */
  reduction?: HeadReduction;
}

const OPTIONS: OptionNames<EfficientGlobalPointerCrossentropyOptions> = {
  ...{mask: true, trilMask: true, rotary: true, scale: true},
  ...{threshold: true, maskZero: true, reduction: true},
};

/**
 * `losses.sparseGlobalPointerCrossentropy` of `efficientGlobalPointerScores`, without ever making the scores.
 *
 * The scores are base[i, j] + start[h, i] + end[h, j], so that the sum of their exponentials over all cells is two
 * products of matrices with `[B, T, T]` numbers, whatever the number of types; the labelled cells are taken out of it
 * and added one by one. In composed ops it needs 4 (T² + H·T) bytes a sample several times over instead of 42 times
 * 4·H·T², is faster in the same measure, and exact, with confident labels as well, as long as no score lies more than
 * 80 below the sum of the largest base of its row, start and end. On tensorflow a kernel does the same in fewer passes.
 *
 * On webgpu, wasm and cpu kernels hold no product either: memory is that of the gradients, and they are exact at any
 * scores. Dense labels go by the scores but on webgpu. Labels of impossible spans, such as padding, do not count.
 *
 * @param labels `[B, H, K, 2]` spans (start, end) by type, or `[B, K, 3]` spans (type, start, end), see `spanLabels` and
 *   `spanList`; or, dense, `[B, H, T, T]` degrees in [0, 1] for T ≠ 2. Lists cost less where few types have a label.
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
  labels: tf.Tensor3D | tf.Tensor4D,
  q: tf.Tensor3D,
  k: tf.Tensor3D,
  bias: tf.Tensor3D,
  options: EfficientGlobalPointerCrossentropyOptions = {},
): tf.Tensor {
  const where = 'efficientGlobalPointerCrossentropy';
  checkOptions(options, OPTIONS, where);
  check(q.rank === 3, where, 'q of shape [B, T, D]', q);
  const [batch, length, headSize] = q.shape;
  checkShape(k.shape, q.shape, where, 'k');
  checkShape(bias.shape, [batch, length, null], where, 'bias');
  check(bias.shape[2] % 2 === 0, where, 'bias with two channels a type', bias);
  const heads = bias.shape[2] / 2;
  const form = formOf(labels, length);
  checkShape(labels.shape, SHAPES[form](batch, heads, length), where, 'labels', 'spanLabels and spanList make them.');
  const {mask, trilMask = true, scale = 1 / Math.sqrt(headSize)} = options;
  const {threshold = 0, maskZero = true, reduction = 'sumOverHeads'} = options;
  if (mask !== undefined) checkShape(mask.shape, [batch, length], where, 'mask');
  check(Number.isFinite(threshold), where, 'threshold to be finite', threshold);
  checkOneOf(reduction, HEAD_REDUCTIONS, where, 'reduction');
  return tf.tidy(() => {
    const attrs = {form, scale, trilMask, threshold, maskZero};
    const given = form === 'dense' ? tf.cast(labels, 'float32') : withEntries(tf.cast(labels, 'int32'));
    const {rotary} = options;
    const apart = 'for the loss of Efficient GlobalPointer';
    const [queries, keys] = rotary === undefined ? [q, k] : rotateFirst(q, k, rotary, apart, where);
    const inputs = {q: queries, k: keys, bias, mask, labels: given};
    const run = isStreamed(inputs, attrs) ? streamedFactorisedCrossentropy : factorisedCrossentropyReference;
    const variant = [...Object.values(attrs), reduction].join();
    return graphs.run(Object.values(inputs), () => [reduceHeads(run(inputs, attrs), reduction)], {variant})[0];
  });
}

const SHAPES: Record<LabelForm, (batch: number, heads: number, length: number) => (number | null)[]> = {
  list: batch => [batch, null, 3],
  byType: (batch, heads) => [batch, heads, null, 2],
  dense: (batch, heads, length) => [batch, heads, length, length],
};

/** The lists, with padding where they are empty: products over no entries are NaN on some backends. */
function withEntries(lists: tf.Tensor): tf.Tensor {
  const axis = lists.rank - 2;
  if (lists.shape[axis] > 0) return lists;
  const shape = lists.shape.map((size, i) => (i === axis ? 1 : size));
  return tf.fill(shape, -1, 'int32');
}

function formOf({shape}: tf.Tensor, length: number): LabelForm {
  if (shape.length === 3) return 'list';
  return shape[3] === length && shape[3] !== 2 ? 'dense' : 'byType';
}
