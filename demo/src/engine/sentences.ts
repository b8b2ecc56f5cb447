import type {TokenKind} from 'entity-recogniser-example/src/data/sentence.ts';
import {tokenise} from 'entity-recogniser-example/src/data/tokenise.ts';

import type {TaggedSentence} from './protocol.ts';

export type TokenisedSentence = Omit<TaggedSentence, 'spans'>;

/**
 * A stop, with the quotation mark that closes behind it, before a space; but not that of an initial, as in "J. Ash".
 */
const END = /(?<!(?:^|[\s\p{P}])\p{Lu})[.!?。！？]+["”’)]*(?=\s)|\n+/gu;

/** The sentences of a text with their tokens, empty ones left out. */
export function sentencesOf(text: string, kind: TokenKind): TokenisedSentence[] {
  const ends = [...text.matchAll(END)].map(match => match.index + match[0].length);
  const bounds = [0, ...ends, text.length];
  return bounds.slice(1).flatMap((end, i) => {
    const start = bounds[i];
    const piece = text.slice(start, end);
    const units = unitsOf(piece);
    const tokens = tokenise(piece, kind).map(token => ({
      text: token.text,
      start: start + units[token.start],
      end: start + units[token.end],
    }));
    return tokens.length === 0 ? [] : [{start: tokens[0].start, end: tokens[tokens.length - 1].end, tokens}];
  });
}

/** Where each code point begins in the string, and where the last one ends. */
function unitsOf(text: string): number[] {
  const units = [0];
  for (const point of text) units.push(units[units.length - 1] + point.length);
  return units;
}
