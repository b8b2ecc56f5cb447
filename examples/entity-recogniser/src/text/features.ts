import type {TokenKind} from '../data/sentence.js';

/** What the model sees of a token: each feature is a string with a vocabulary and an embedding of its own. */
export type FeatureName = keyof typeof FEATURES;

const EDGE = '⟨edge⟩';
const AFFIX = 3;

/** Every feature, from the tokens of a sentence and a place in it. */
export const FEATURES = {
  /** The character itself, digits as one. */
  character: (tokens: readonly string[], i: number): string => sameDigits(tokens[i]),
  /** This character and the next. */
  bigram: (tokens: readonly string[], i: number): string => pair(tokens[i], tokens[i + 1]),
  /** The character before and this one. */
  bigramBefore: (tokens: readonly string[], i: number): string => pair(tokens[i - 1], tokens[i]),
  /** The word without capitals, digits as one. */
  word: (tokens: readonly string[], i: number): string => sameDigits(tokens[i].toLowerCase()),
  prefix: (tokens: readonly string[], i: number): string => sameDigits(start(tokens[i].toLowerCase())),
  suffix: (tokens: readonly string[], i: number): string => sameDigits(end(tokens[i].toLowerCase())),
  /** Capitals, small letters and digits: `Xx`, `X`, `d`, `x-x`; long runs as one, but "XX" differs from "X". */
  shape: (tokens: readonly string[], i: number): string => shape(tokens[i]),
} as const;

/** What is seen of a token unless the settings say otherwise. */
export const DEFAULT_FEATURES: Record<TokenKind, readonly FeatureName[]> = {
  words: ['word', 'prefix', 'suffix', 'shape'],
  characters: ['character', 'bigram'],
};

/** The values of one feature for all tokens of a sentence. */
export const featureValues = (name: FeatureName, tokens: readonly string[]): string[] =>
  tokens.map((_, i) => FEATURES[name](tokens, i));

const sameDigits = (text: string): string => text.replace(/\p{Nd}/gu, '0');
const pair = (left: string | undefined, right: string | undefined): string =>
  sameDigits(`${left ?? EDGE} ${right ?? EDGE}`);
const start = (word: string): string => [...word].slice(0, AFFIX).join('');
const end = (word: string): string => [...word].slice(-AFFIX).join('');

function shape(word: string): string {
  const classes = word
    .replace(/\p{Lu}/gu, 'X')
    .replace(/\p{Ll}/gu, 'x')
    .replace(/\p{N}/gu, 'd')
    .replace(/[^Xxd]/gu, sign => (/\p{L}/u.test(sign) ? 'c' : sign));
  return classes.replace(/(.)\1{2,}/gu, '$1$1');
}
