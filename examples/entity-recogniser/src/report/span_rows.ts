import type {Span} from '../data/sentence.js';

/**
 * Rows for spans that are drawn under a line of text: no two of a row overlap, and a longer span stands above those
 * inside it.
 *
 * @returns The row of each span, counted from 0.
 */
export function spanRows(spans: readonly Span[]): number[] {
  const rows = new Array<number>(spans.length).fill(0);
  const longestFirst = spans
    .map((_, i) => i)
    .sort((a, b) => length(spans[b]) - length(spans[a]) || spans[a].start - spans[b].start);
  for (const [place, i] of longestFirst.entries()) {
    const above = longestFirst.slice(0, place).filter(j => overlap(spans[i], spans[j]));
    rows[i] = Math.max(-1, ...above.map(j => rows[j])) + 1;
  }
  return rows;
}

const length = ({start, end}: Span): number => end - start + 1;
const overlap = (a: Span, b: Span): boolean => a.start <= b.end && b.start <= a.end;
