import type {TokenKind} from './sentence.js';

/** A token and where it lies in the text, in code points; `end` is the first one after it. */
export interface TextToken {
  text: string;
  start: number;
  end: number;
}

/** Letters with their marks and inner apostrophes, runs of digits with inner separators, or any other single sign. */
const WORD =
  /\p{Script=Han}|(?:(?!\p{Script=Han})\p{L}\p{M}*)+(?:['’](?!\p{Script=Han})\p{L}+)?|\p{N}+(?:[.,]\p{N}+)*|\S/gu;
const CHARACTER = /\S/gu;

/** Splits text into words and signs, or into single characters. Spaces separate and are dropped. */
export function tokenise(text: string, kind: TokenKind): TextToken[] {
  const tokens: TextToken[] = [];
  let units = 0;
  let points = 0;
  for (const match of text.matchAll(kind === 'words' ? WORD : CHARACTER)) {
    points += codePoints(text.slice(units, match.index));
    const end = points + codePoints(match[0]);
    tokens.push({text: match[0], start: points, end});
    units = match.index + match[0].length;
    points = end;
  }
  return tokens;
}

const codePoints = (text: string): number => [...text].length;

const NO_SPACE_BEFORE = /^[.,;:!?%)\]}»”’]+$/u;
const NO_SPACE_AFTER = /^[([{«“‘$€£]+$/u;

/** The space that stands between two tokens when they are shown as text. */
export function spaceBetween(left: string, right: string, kind: TokenKind): '' | ' ' {
  if (kind === 'characters') return '';
  return NO_SPACE_BEFORE.test(right) || NO_SPACE_AFTER.test(left) ? '' : ' ';
}

/** Tokens as running text. */
export function joinTokens(tokens: readonly string[], kind: TokenKind): string {
  return tokens.map((token, i) => (i ? spaceBetween(tokens[i - 1], token, kind) : '') + token).join('');
}
