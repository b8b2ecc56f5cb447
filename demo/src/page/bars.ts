import {spanRows} from 'entity-recogniser-example/src/report/span_rows.ts';

import type {Mark} from './state/marks.ts';
import type {MarkedSentence} from './state/tagging.ts';

/** A piece of a span on one line of the text, in pixels. */
export interface Piece {
  left: number;
  top: number;
  width: number;
}

/** A span and where it is drawn. */
export interface Bar {
  sentence: MarkedSentence;
  mark: Mark;
  /** Counted from 0, below the text: spans inside others lie below them. */
  row: number;
  pieces: Piece[];
}

/** Where the bars under a text lie, relative to `frame`. */
export function placeBars(text: Text, frame: Element, sentences: readonly MarkedSentence[]): Bar[] {
  const origin = frame.getBoundingClientRect();
  return sentences.flatMap(sentence => {
    const rows = spanRows(sentence.marks);
    return sentence.marks.map((mark, i) => ({
      sentence,
      mark,
      row: rows[i],
      pieces: piecesOf(text, sentence.tokens[mark.start].start, sentence.tokens[mark.end].end, origin),
    }));
  });
}

function piecesOf(text: Text, start: number, end: number, origin: DOMRect): Piece[] {
  const range = document.createRange();
  range.setStart(text, Math.min(start, text.length));
  range.setEnd(text, Math.min(end, text.length));
  const lines = new Map<number, {left: number; right: number}>();
  for (const {left, right, bottom, width} of range.getClientRects()) {
    if (width === 0) continue;
    const line = Math.round(bottom - origin.top);
    const other = lines.get(line);
    lines.set(line, {left: Math.min(left, other?.left ?? left), right: Math.max(right, other?.right ?? right)});
  }
  return [...lines].map(([top, {left, right}]) => ({left: left - origin.left, top, width: right - left}));
}

export const rowsOf = (sentences: readonly MarkedSentence[]): number =>
  Math.max(0, ...sentences.flatMap(({marks}) => spanRows(marks).map(row => row + 1)));
