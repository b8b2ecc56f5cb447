import type {ScoredSpan} from 'tfjs-addons';

/** The spans of a flat labelling: from the best score on, each that shares no token with one before, in their order. */
export function withoutOverlaps(spans: readonly ScoredSpan[]): ScoredSpan[] {
  const kept: ScoredSpan[] = [];
  for (const span of [...spans].sort((a, b) => b.score - a.score)) {
    if (kept.every(({start, end}) => span.end < start || span.start > end)) kept.push(span);
  }
  return spans.filter(span => kept.includes(span));
}
