import * as tf from '@tensorflow/tfjs-core';

import {type HeadReduction, reduceHeads} from '../internal/head_reduction.js';
import {choosePath} from '../internal/kernels.js';
import {factorsOf} from '../internal/span_factors.js';
import {isSpanList, spansByType} from '../internal/span_lists.js';
import {efficientGlobalPointerCrossentropy} from '../ops/efficient_global_pointer_crossentropy/index.js';
import {isStreamed, LONG, lossOfFactors} from '../ops/global_pointer_crossentropy/of_factors.js';
import {multilabelCrossentropy} from '../ops/multilabel_crossentropy/index.js';

export interface ListedSpansOptions {
  threshold: number;
  maskZero: boolean;
  reduction: HeadReduction;
}

/** Scores from which the backward pass of a full head goes by type: below, memory is no matter. */
const LARGE = 2 ** 16;

/** Whether labels are spans for scores `[B, H, T, T]`: `[B, H, K, 2]` by type, or lists `[B, K, 3]`. */
export function areSpans(labels: tf.Tensor, [batch, heads]: number[]): boolean {
  const byType = labels.rank === 4 && labels.shape[0] === batch && labels.shape[1] === heads && labels.shape[3] === 2;
  return byType || isSpanList(labels, batch);
}

/** The multi-label loss of each sample and type, by the factors of the scores where they are known and faster. */
export function listedSpansCrossentropy(
  where: string,
  labels: tf.Tensor,
  scores: tf.Tensor,
  {threshold, maskZero, reduction}: ListedSpansOptions,
): tf.Tensor {
  const [batch, heads, length] = scores.shape as [number, number, number, number];
  const factors = factorsOf(scores);
  const isEfficient = factors?.bias !== undefined && length >= LONG;
  const own = factors?.bias === undefined ? factors : undefined;
  const isFull = own !== undefined && (scores.size >= LARGE || isStreamed(own.q, own.k, scores));
  const serves = isEfficient || isFull;
  const joined = serves && choosePath(where, 'the factors of the scores') ? factors : undefined;
  return tf.tidy(() => {
    const spans = tf.cast(labels, 'int32') as tf.Tensor3D | tf.Tensor4D;
    if (joined?.bias !== undefined) {
      const {q, k, bias, options} = joined;
      return efficientGlobalPointerCrossentropy(spans, q, k, bias, {...options, threshold, maskZero, reduction});
    }
    const byType = spans.rank === 3 ? spansByType(spans as tf.Tensor3D, heads) : (spans as tf.Tensor4D);
    if (joined !== undefined) {
      const {q, k, rotation, options} = joined;
      const {mask, scale, trilMask} = options;
      const attrs = {scale, trilMask, threshold, maskZero};
      return reduceHeads(lossOfFactors(byType, {q, k, mask, rotation}, attrs, scores as tf.Tensor4D), reduction);
    }
    const rows = tf.reshape(byType, [batch * heads, byType.shape[2] as number, 2]);
    const logits = tf.reshape(scores, [batch * heads, length * length]) as tf.Tensor2D;
    const loss = multilabelCrossentropy(rows, logits, {form: 'spans', threshold, maskZero, side: length});
    return reduceHeads(tf.reshape(loss, [batch, heads]), reduction);
  });
}
