import {type Span, spanKey, type TokenKind} from '../data/sentence.js';
import {spaceBetween} from '../data/tokenise.js';
import {escapeHtml} from './html.js';
import {spanRows} from './span_rows.js';

/** A sentence with what was found and, where that is known, what is right. */
export interface TaggedSentence {
  tokens: readonly string[];
  predicted: readonly Span[];
  labelled?: readonly Span[];
}

interface Bar extends Span {
  row: number;
  /** Found and right, found and wrong, or not found. */
  kind: 'right' | 'wrong' | 'missed';
}

/** The sentence with a bar under each span; bars of spans inside others lie below theirs. */
export function taggedHtml(sentence: TaggedSentence, types: readonly string[], kind: TokenKind): string {
  const {tokens} = sentence;
  const bars = placeBars(sentence);
  const rows = bars.length ? Math.max(...bars.map(({row}) => row)) + 1 : 0;
  const html = tokens.map((token, i) => {
    const space = i ? spaceBetween(tokens[i - 1], token, kind) : '';
    const here = bars.filter(({start, end}) => start <= i && i <= end);
    const drawn = here.map(bar => barHtml(bar, i, types)).join('');
    const gap = here.filter(({start}) => start < i).map(bar => gapHtml(bar, types));
    return `${space && `<span class="gap"> ${gap.join('')}</span>`}<span class="token">${escapeHtml(token)}${drawn}</span>`;
  });
  return `<p class="tagged ${kind}" style="--rows:${rows}">${html.join('')}</p>`;
}

function placeBars({predicted, labelled}: TaggedSentence): Bar[] {
  const right = new Set((labelled ?? predicted).map(spanKey));
  const found = new Set(predicted.map(spanKey));
  const missed = (labelled ?? []).filter(span => !found.has(spanKey(span)));
  const spans = [...predicted, ...missed];
  const rows = spanRows(spans);
  return spans.map((span, i) => ({
    ...span,
    row: rows[i],
    kind: !found.has(spanKey(span)) ? 'missed' : right.has(spanKey(span)) ? 'right' : 'wrong',
  }));
}

const NOTE = {right: '', wrong: '✗ ', missed: 'missed: '};

function barHtml(bar: Bar, token: number, types: readonly string[]): string {
  const ends = `${bar.start === token ? ' first' : ''}${bar.end === token ? ' last' : ''}`;
  const label = bar.start === token ? `<b>${NOTE[bar.kind]}${escapeHtml(bar.type)}</b>` : '';
  return `<i class="bar ${bar.kind}${ends}" style="${barStyle(bar, types)}">${label}</i>`;
}

const gapHtml = (bar: Bar, types: readonly string[]): string =>
  `<i class="bar ${bar.kind}" style="${barStyle(bar, types)}"></i>`;

const barStyle = ({row, type}: Bar, types: readonly string[]): string =>
  `--row:${row};--c:var(--t${types.indexOf(type) % 10})`;
