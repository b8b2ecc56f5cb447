import * as tf from '@tensorflow/tfjs-core';

import {check, checkInteger} from '../../internal/check.js';
import {checkOptions} from '../../internal/known_options.js';
import type {Span} from '../span_labels/index.js';

export interface SpanListArgs {
  /** Number of heads H, above which a span's head is an error. Default: not checked. */
  heads?: number;
  /** K; a sample with more spans is an error. Default: the most that one has, at least 1. */
  maxSpans?: number;
}

/**
 * Labels of the GlobalPointer losses as one list of spans a sample, for many heads of which few have a span:
 * `[B, K, 3]` where `spanLabels` has `[B, H, K, 2]`. Padded with (−1, −1, −1), so that (0, 0) may be a span.
 *
 * @returns `[B, K, 3]` int32, (head, start, end).
 * @throws RangeError for spans that are no spans, and for more of them than `maxSpans`.
 *
 * ```ts
 * const labels = tfa.spanList([[{head: 0, start: 1, end: 2}, {head: 2, start: 3, end: 3}], []]);
 * labels.print(); // [[[0, 1, 2], [2, 3, 3]], [[-1, -1, -1], [-1, -1, -1]]]
 * ```
 */
export function spanList(batch: readonly (readonly Span[])[], options: SpanListArgs = {}): tf.Tensor3D {
  checkOptions(options, {heads: true, maxSpans: true}, 'spanList');
  const {heads, maxSpans} = options;
  if (heads !== undefined) checkInteger(heads, 'spanList', 'heads');
  if (maxSpans !== undefined) checkInteger(maxSpans, 'spanList', 'maxSpans');
  const most = batch.reduce((most, {length}) => Math.max(most, length), 1);
  const slots = maxSpans ?? most;
  check(most <= slots, 'spanList', `at most ${slots} spans in one sample`, most, 'Raise maxSpans.');
  const values = new Int32Array(batch.length * slots * 3).fill(-1);
  for (const [b, spans] of batch.entries()) {
    for (const [k, span] of spans.entries()) {
      const {head, start, end} = span;
      check(Number.isInteger(head) && head >= 0 && head < (heads ?? Infinity), 'spanList', headRange(heads), span);
      const whole = Number.isInteger(start) && Number.isInteger(end) && start >= 0 && end >= 0;
      check(whole, 'spanList', 'whole start and end ≥ 0', span);
      values.set([head, start, end], (b * slots + k) * 3);
    }
  }
  return tf.tensor3d(values, [batch.length, slots, 3], 'int32');
}

const headRange = (heads?: number): string => (heads === undefined ? 'a whole head ≥ 0' : `head in [0, ${heads})`);
