import * as tf from '@tensorflow/tfjs-core';

import {check, checkInteger} from '../../internal/check.js';
import {checkOptions} from '../../internal/known_options.js';

/** Where a span of one type lies; both ends belong to it. */
export interface Span {
  /** Number of the type, that is of the GlobalPointer head. */
  head: number;
  start: number;
  end: number;
}

export interface SpanLabelsArgs {
  /** Number of heads H. */
  heads: number;
  /** K; a sample with more spans in one head is an error. Default: the most that one has, at least 1. */
  maxSpans?: number;
  /**
   * Pads with (0, 0), which then cannot be a label; with false, with (−1, −1). The same as in the loss.
   * Default true.
   */
  maskZero?: boolean;
}

/**
 * Labels of `losses.sparseGlobalPointerCrossentropy` from lists of spans, one list a sample.
 *
 * @returns `[B, H, K, 2]` int32, (start, end).
 *
 * ```ts
 * const labels = tfa.spanLabels([[{head: 0, start: 1, end: 2}, {head: 2, start: 3, end: 3}], []], {heads: 3});
 * console.log(labels.shape); // [2, 3, 1, 2]
 * ```
 */
export function spanLabels(batch: readonly (readonly Span[])[], options: SpanLabelsArgs): tf.Tensor4D {
  checkOptions(options, {heads: true, maxSpans: true, maskZero: true}, 'spanLabels');
  const {heads, maxSpans, maskZero = true} = options;
  checkInteger(heads, 'spanLabels', 'heads');
  if (maxSpans !== undefined) checkInteger(maxSpans, 'spanLabels', 'maxSpans');
  const lists = batch.map(spans => byHead(spans, heads, maskZero)); // [B][H][]
  const most = lists.reduce((most, sample) => Math.max(most, ...sample.map(spans => spans.length)), 1);
  const slots = maxSpans ?? most;
  check(most <= slots, 'spanLabels', `at most ${slots} spans in one head of one sample`, most, 'Raise maxSpans.');
  const values = new Int32Array(batch.length * heads * slots * 2).fill(maskZero ? 0 : -1);
  lists.forEach((sample, b) => {
    sample.forEach((spans, h) => {
      spans.forEach(({start, end}, k) => {
        values.set([start, end], ((b * heads + h) * slots + k) * 2);
      });
    });
  });
  return tf.tensor4d(values, [batch.length, heads, slots, 2], 'int32');
}

function byHead(spans: readonly Span[], heads: number, maskZero: boolean): Span[][] {
  const lists: Span[][] = Array.from({length: heads}, () => []);
  for (const span of spans) {
    const {head, start, end} = span;
    check(Number.isInteger(head) && head >= 0 && head < heads, 'spanLabels', `head in [0, ${heads})`, span);
    const whole = Number.isInteger(start) && Number.isInteger(end) && start >= 0 && end >= 0;
    check(whole, 'spanLabels', 'whole start and end ≥ 0', span);
    check(
      !maskZero || start > 0 || end > 0,
      'spanLabels',
      'no span (0, 0), which is the padding',
      span,
      'Set maskZero: false here and in the loss.',
    );
    lists[head].push(span);
  }
  return lists;
}
