import type * as tf from '@tensorflow/tfjs-core';

import {check} from '../../internal/check.js';
import {checkOptions} from '../../internal/known_options.js';
import type {Span} from '../span_labels/index.js';

export interface DecodeSpansArgs {
  /** A span is found where the score is strictly above this. Default 0. */
  threshold?: number;
  /** Number of tokens of each sample; the spans of padding behind them are left out. Default: all T. */
  lengths?: readonly number[];
  /** Leaves out spans that begin or end at the first or the last token of a sample: [CLS] and [SEP]. Default false. */
  skipFirstAndLast?: boolean;
}

export interface ScoredSpan extends Span {
  score: number;
}

/**
 * The spans that GlobalPointer scores above the threshold, for each sample in the order of (head, start, end).
 * Spans may overlap and lie within each other. Reads the scores back from the device, hence the promise.
 *
 * @param scores `[B, H, T, T]`, row = start, column = end.
 * @returns For each sample `{head, start, end, score}[]`, ends inclusive.
 *
 * ```ts
 * const scores = tf.tensor4d([[[[-1, 2], [-1e12, 0.5]]]]);
 * console.log(await tfa.decodeSpans(scores)); // [[{head: 0, start: 0, end: 1, score: 2}, {head: 0, start: 1, …}]]
 * ```
 *
 * Reference: bojone/GlobalPointer, `NamedEntityRecognizer.recognize`.
 */
export async function decodeSpans(scores: tf.Tensor, options: DecodeSpansArgs = {}): Promise<ScoredSpan[][]> {
  checkOptions(options, {threshold: true, lengths: true, skipFirstAndLast: true}, 'decodeSpans');
  const {threshold = 0, lengths, skipFirstAndLast = false} = options;
  const [batch, heads, rows, columns] = scores.shape as [number, number, number, number];
  const square = scores.rank === 4 && rows === columns;
  check(square, 'decodeSpans', 'scores [batch, heads, length, length]', scores, 'Use tf.expandDims for one sample.');
  checkLengths(lengths, batch, rows);
  const values = await scores.data();
  return Array.from({length: batch}, (_, b) => {
    const length = lengths?.[b] ?? rows;
    const [from, to] = skipFirstAndLast ? [1, length - 1] : [0, length];
    const spans: ScoredSpan[] = [];
    for (let head = 0; head < heads; head++) {
      const square = (b * heads + head) * rows * rows;
      for (let start = from; start < to; start++) {
        for (let end = from; end < to; end++) {
          const score = values[square + start * rows + end];
          if (score > threshold) spans.push({head, start, end, score});
        }
      }
    }
    return spans;
  });
}

function checkLengths(lengths: readonly number[] | undefined, batch: number, longest: number): void {
  if (lengths === undefined) return;
  check(lengths.length === batch, 'decodeSpans', `${batch} lengths, one a sample`, lengths.length);
  const wrong = lengths.find(length => !Number.isInteger(length) || length < 0 || length > longest);
  check(wrong === undefined, 'decodeSpans', `lengths in [0, ${longest}]`, wrong);
}
