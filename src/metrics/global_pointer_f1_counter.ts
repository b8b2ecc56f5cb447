import * as tf from '@tensorflow/tfjs-core';

import {check, checkInteger} from '../internal/check.js';
import {checkOptions} from '../internal/known_options.js';
import {type DecodeSpansArgs, decodeSpans} from '../ops/decode_spans/index.js';
import type {Span} from '../ops/span_labels/index.js';
import {spanCountsByHead} from './global_pointer_f1.js';
import {type SpanCounts, type SpanScores, spanScores} from './span_counts.js';

export interface GlobalPointerF1CounterArgs {
  /** Number of heads H. */
  heads: number;
  /** A span is predicted where the score is strictly above this. Default 0. */
  threshold?: number;
}

/** Spans of each sample, or a tensor `[B, H, T, T]`: labels for the truth, scores for the prediction. */
export type SpansOrTensor = readonly (readonly Span[])[] | tf.Tensor;

export interface GlobalPointerF1Result extends SpanScores {
  /** The same for each head alone. */
  perHead: SpanScores[];
}

/**
 * Precision, recall and F1 of spans over a whole corpus: counts are added batch by batch, and divided at the end.
 * Where nothing is labelled and nothing predicted all three are 1; otherwise a fraction of nothing is 0.
 *
 * A span is correct when head, start and end are. Spans listed twice count once.
 *
 * ```ts
 * const f1 = new tfa.metrics.GlobalPointerF1({heads: 2});
 * await f1.update([[{head: 0, start: 1, end: 2}]], tf.zeros([1, 2, 4, 4]));
 * console.log(f1.result()); // {precision: 0, recall: 0, f1: 0, perHead: […]}
 * f1.reset();
 * ```
 */
export class GlobalPointerF1 {
  readonly heads: number;
  readonly threshold: number;
  private counts!: SpanCounts[];

  constructor(args: GlobalPointerF1CounterArgs) {
    checkOptions(args, {heads: true, threshold: true}, 'GlobalPointerF1');
    const {heads, threshold = 0} = args;
    checkInteger(heads, 'GlobalPointerF1', 'heads');
    check(Number.isFinite(threshold), 'GlobalPointerF1', 'threshold to be finite', threshold);
    this.heads = heads;
    this.threshold = threshold;
    this.reset();
  }

  /**
   * Adds one batch. Two tensors without options are counted on the device and only 3H numbers are read back.
   *
   * @param options `lengths` and `skipFirstAndLast` of `decodeSpans`, for the tensors.
   */
  async update(
    yTrue: SpansOrTensor,
    yPred: SpansOrTensor,
    options: Pick<DecodeSpansArgs, 'lengths' | 'skipFirstAndLast'> = {},
  ): Promise<void> {
    checkOptions(options, {lengths: true, skipFirstAndLast: true}, 'GlobalPointerF1');
    const bothTensors = isTensor(yTrue) && isTensor(yPred);
    if (bothTensors && options.lengths === undefined && !options.skipFirstAndLast) {
      this.checkHeads(yPred);
      const counts = spanCountsByHead(yTrue, yPred, this.threshold);
      const values = await counts.data();
      counts.dispose();
      this.counts.forEach((_, h) => {
        this.add(h, values[h], values[this.heads + h], values[2 * this.heads + h]);
      });
      return;
    }
    const labelled = await this.spansOf(yTrue, {...options, threshold: 0.5});
    const predicted = await this.spansOf(yPred, {...options, threshold: this.threshold});
    check(labelled.length === predicted.length, 'GlobalPointerF1', `${labelled.length} samples`, predicted.length);
    labelled.forEach((spans, b) => {
      this.compare(spans, predicted[b]);
    });
  }

  /** The scores of everything since the last `reset`. */
  result(): GlobalPointerF1Result {
    const sum = (key: keyof SpanCounts): number => this.counts.reduce((total, head) => total + head[key], 0);
    const all = {correct: sum('correct'), predicted: sum('predicted'), labelled: sum('labelled')};
    return {...spanScores(all), perHead: this.counts.map(spanScores)};
  }

  reset(): void {
    this.counts = Array.from({length: this.heads}, () => ({correct: 0, predicted: 0, labelled: 0}));
  }

  private async spansOf(spans: SpansOrTensor, options: DecodeSpansArgs): Promise<readonly (readonly Span[])[]> {
    if (!isTensor(spans)) return spans;
    this.checkHeads(spans);
    return decodeSpans(spans, options);
  }

  private compare(labelled: readonly Span[], predicted: readonly Span[]): void {
    const [truth, found] = [labelled, predicted].map(spans => new Map(spans.map(span => [keyOf(span), span.head])));
    for (const head of [...truth.values(), ...found.values()]) {
      check(
        Number.isInteger(head) && head >= 0 && head < this.heads,
        'GlobalPointerF1',
        `head in [0, ${this.heads})`,
        head,
      );
    }
    for (const head of truth.values()) this.add(head, 0, 0, 1);
    for (const [key, head] of found) this.add(head, truth.has(key) ? 1 : 0, 1, 0);
  }

  private add(head: number, correct: number, predicted: number, labelled: number): void {
    const counts = this.counts[head];
    counts.correct += correct;
    counts.predicted += predicted;
    counts.labelled += labelled;
  }

  private checkHeads(tensor: tf.Tensor): void {
    const fits = tensor.rank === 4 && tensor.shape[1] === this.heads;
    check(fits, 'GlobalPointerF1', `a tensor [batch, ${this.heads}, length, length]`, tensor);
  }
}

const isTensor = (value: SpansOrTensor): value is tf.Tensor => value instanceof tf.Tensor;

const keyOf = ({head, start, end}: Span): string => `${head},${start},${end}`;
