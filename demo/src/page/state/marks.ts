import {bySpanOrder, type Span, spanKey} from 'entity-recogniser-example/src/data/sentence.ts';

import type {Example, TaggedSentence} from '../../engine/protocol.ts';

/** A span as it is shown: found, found although the visitor removed it, or marked and not found. */
export interface Mark extends Span {
  kind: 'right' | 'wrong' | 'missed';
  /** Of spans that were found. */
  score?: number;
}

/** What was found in a sentence beside what the visitor says about it. */
export function marksOf({spans}: Pick<TaggedSentence, 'spans'>, example: Example | undefined): Mark[] {
  const wanted = new Set((example?.spans ?? spans).map(spanKey));
  const found = new Set(spans.map(spanKey));
  const marks: Mark[] = spans.map(span => ({...span, kind: wanted.has(spanKey(span)) ? 'right' : 'wrong'}));
  const missed = (example?.spans ?? []).filter(span => !found.has(spanKey(span)));
  return [...marks, ...missed.map((span): Mark => ({...span, kind: 'missed'}))].sort(bySpanOrder);
}

/** The sentence with one span more, or one less. What was found stands for the rest, if nothing was said before. */
export function corrected(text: string, sentence: TaggedSentence, example: Example | undefined, span: Span): Example {
  const before = (example?.spans ?? sentence.spans).map(({type, start, end}) => ({type, start, end}));
  const without = before.filter(other => spanKey(other) !== spanKey(span));
  const spans = without.length < before.length ? without : [...before, span].sort(bySpanOrder);
  return {text: text.slice(sentence.start, sentence.end), tokens: sentence.tokens.map(token => token.text), spans};
}

/** Whether an example only says what was found anyway. */
export const isSameAsFound = (example: Example, {spans}: TaggedSentence): boolean =>
  example.spans.length === spans.length && marksOf({spans}, example).every(({kind}) => kind === 'right');

/** Sentences are told apart by their tokens. */
export const sentenceKey = (tokens: readonly string[]): string => tokens.join(' ');
