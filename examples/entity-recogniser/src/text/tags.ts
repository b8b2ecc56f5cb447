import type {EncodedSentence} from './encoder.js';

const OUTSIDE = 0;
const [BEGIN, MIDDLE, END, SINGLE] = [0, 1, 2, 3];

/** Tags of the BMES scheme: outside, and four for each type. */
export const tagCount = (types: number): number => 1 + 4 * types;

/** One tag a token; where entities overlap, that of the shortest. */
export function tagsOf({spans, length}: Pick<EncodedSentence, 'spans' | 'length'>): number[] {
  const tags = Array.from({length}, () => OUTSIDE);
  const fromLongest = [...spans].sort((a, b) => b.end - b.start - (a.end - a.start));
  for (const {head, start, end} of fromLongest) {
    const tag = (part: number): number => 1 + 4 * head + part;
    for (let i = start; i <= end; i++) tags[i] = tag(MIDDLE);
    tags[start] = tag(BEGIN);
    tags[end] = tag(start === end ? SINGLE : END);
  }
  return tags;
}
