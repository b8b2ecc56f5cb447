import {styleText} from 'node:util';

import {bySpanOrder, type Sentence, type TokenKind} from '../data/sentence.js';
import {spaceBetween} from '../data/tokenise.js';

const COLOURS = ['cyan', 'yellow', 'green', 'magenta', 'blue', 'red'] as const;

/**
 * A sentence with its spans in brackets, `[organisation Bank of [place Ashby]]`; in colours where the terminal has
 * them.
 */
export function taggedText({tokens, spans}: Sentence, types: readonly string[], kind: TokenKind): string {
  const ordered = [...spans].sort(bySpanOrder);
  const paint = (type: string, text: string): string =>
    process.stdout.isTTY ? styleText(COLOURS[types.indexOf(type) % COLOURS.length], text) : text;
  return tokens
    .map((token, i) => {
      const space = i ? spaceBetween(tokens[i - 1], token, kind) : '';
      const opening = ordered.filter(({start}) => start === i).map(({type}) => `${paint(type, `[${type}`)} `);
      const closing = ordered.filter(({end}) => end === i).reverse();
      return space + opening.join('') + token + closing.map(({type}) => paint(type, ']')).join('');
    })
    .join('');
}
