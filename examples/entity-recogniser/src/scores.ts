import {type Span, spanKey} from './data/sentence.js';

/** Spans of one kind over a whole text: `right` of the `predicted` are among the `labelled`. */
export interface Counts {
  right: number;
  predicted: number;
  labelled: number;
}

export interface Score extends Counts {
  precision: number;
  recall: number;
  f1: number;
}

/** Scores over all types, and of each by itself. */
export interface Scores {
  all: Score;
  byType: Record<string, Score>;
}

/**
 * Exact-match scores: a span is right when its type, start and end are. Counts are summed over the text before
 * dividing.
 */
export function score(
  labelled: readonly (readonly Span[])[],
  predicted: readonly (readonly Span[])[],
  types: readonly string[],
): Scores {
  const byType: Record<string, Counts> = {};
  for (const type of types) byType[type] = {right: 0, predicted: 0, labelled: 0};
  for (const [i, spans] of labelled.entries()) {
    const wanted = new Map(spans.map(span => [spanKey(span), span]));
    for (const {type} of wanted.values()) byType[type].labelled++;
    for (const span of predicted[i]) {
      byType[span.type].predicted++;
      if (wanted.has(spanKey(span))) byType[span.type].right++;
    }
  }
  const all = Object.values(byType).reduce(
    (sum, {right, predicted, labelled}) => ({
      right: sum.right + right,
      predicted: sum.predicted + predicted,
      labelled: sum.labelled + labelled,
    }),
    {right: 0, predicted: 0, labelled: 0},
  );
  return {all: rates(all), byType: Object.fromEntries(types.map(type => [type, rates(byType[type])]))};
}

/** Rates of nothing are 1: no span is labelled and none was predicted. */
function rates(counts: Counts): Score {
  const {right, predicted, labelled} = counts;
  const ratio = (of: number): number => (of ? right / of : labelled + predicted ? 0 : 1);
  const f1 = labelled + predicted ? (2 * right) / (labelled + predicted) : 1;
  return {...counts, precision: ratio(predicted), recall: ratio(labelled), f1};
}
