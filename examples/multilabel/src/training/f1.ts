import {TAGS} from '../data/documents.js';

/** Logits of `[documents, TAGS]` and labels of the same shape, row by row. */
export interface Scored {
  logits: Float32Array;
  labels: Float32Array;
}

/** F1 = 2 TP / (2 TP + FP + FN) of each tag, where logits above the threshold are predictions; 0 without any. */
export function f1OfTags({logits, labels}: Scored, threshold: number): number[] {
  const hits = new Float64Array(TAGS);
  const marks = new Float64Array(TAGS); // labels + predictions
  for (let i = 0; i < logits.length; i++) {
    const tag = i % TAGS;
    const predicted = logits[i] > threshold ? 1 : 0;
    hits[tag] += predicted * labels[i];
    marks[tag] += predicted + labels[i];
  }
  return Array.from(hits, (hit, tag) => (2 * hit) / Math.max(marks[tag], 1));
}

/** The one threshold for all tags with the largest mean F1. */
export function bestThreshold(scored: Scored): number {
  const sorted = scored.logits.slice().sort();
  const candidates = Array.from({length: 200}, (_, i) => sorted[Math.floor(sorted.length * (0.8 + i / 1000))]);
  return candidates.reduce((best, threshold) =>
    macroF1(scored, threshold) > macroF1(scored, best) ? threshold : best,
  );
}

/** Mean F1 of the tags. */
export const macroF1 = (scored: Scored, threshold: number): number => mean(f1OfTags(scored, threshold));

export const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length;
