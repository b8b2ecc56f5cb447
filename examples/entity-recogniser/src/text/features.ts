import type {TokenKind} from '../data/sentence.js';

const EDGE = '⟨edge⟩';
const AFFIX = 3;

/** What can be looked up: from the tokens of a sentence a list of strings, with a vocabulary and an embedding each. */
export const TABLES = {
  /** Each character, digits as one. */
  character: tokens => tokens.map(sameDigits),
  /** Each pair of neighbours, the edges of the sentence among them: one more than tokens. */
  bigram: tokens => Array.from({length: tokens.length + 1}, (_, i) => pair(tokens[i - 1], tokens[i])),
  /** Each word without capitals, digits as one. */
  word: tokens => tokens.map(token => sameDigits(token.toLowerCase())),
  prefix: tokens => tokens.map(token => sameDigits(start(token.toLowerCase()))),
  suffix: tokens => tokens.map(token => sameDigits(end(token.toLowerCase()))),
  /** Capitals, small letters and digits: `Xx`, `X`, `d`, `x-x`; long runs as one, but "XX" differs from "X". */
  shape: tokens => tokens.map(shape),
} as const satisfies Record<string, (tokens: readonly string[]) => string[]>;

export type TableName = keyof typeof TABLES;

/** What the model sees of token i: the string number i + offset of a table. */
export const FEATURES = {
  character: {table: 'character', offset: 0},
  /** The character before and this one. */
  bigramBefore: {table: 'bigram', offset: 0},
  /** This character and the next. */
  bigram: {table: 'bigram', offset: 1},
  word: {table: 'word', offset: 0},
  prefix: {table: 'prefix', offset: 0},
  suffix: {table: 'suffix', offset: 0},
  shape: {table: 'shape', offset: 0},
} as const satisfies Record<string, {table: TableName; offset: number}>;

export type FeatureName = keyof typeof FEATURES;
export const FEATURE_NAMES = Object.keys(FEATURES) as FeatureName[];

/** What is seen of a token unless the settings say otherwise. */
export const DEFAULT_FEATURES: Record<TokenKind, readonly FeatureName[]> = {
  words: ['word', 'prefix', 'suffix', 'shape'],
  characters: ['character', 'bigram'],
};

function sameDigits(text: string): string {
  return text.replace(/\p{Nd}/gu, '0');
}

function pair(left: string | undefined, right: string | undefined): string {
  return sameDigits(`${left ?? EDGE} ${right ?? EDGE}`);
}

function start(word: string): string {
  return [...word].slice(0, AFFIX).join('');
}

function end(word: string): string {
  return [...word].slice(-AFFIX).join('');
}

function shape(word: string): string {
  const classes = word
    .replace(/\p{Lu}/gu, 'X')
    .replace(/\p{Ll}/gu, 'x')
    .replace(/\p{N}/gu, 'd')
    .replace(/[^Xxd]/gu, sign => (/\p{L}/u.test(sign) ? 'c' : sign));
  return classes.replace(/(.)\1{2,}/gu, '$1$1');
}
