import {DataError, type Defect} from './data_error.js';
import type {Sentence, Span, TokenKind} from './sentence.js';
import {tokenise} from './tokenise.js';

/**
 * `{"text": "…", "label": {"type": {"surface": [[start, end], …]}}}`: characters counted from 0, `end` belongs to the
 * span.
 */
interface LabelledText {
  text: string;
  label?: Record<string, Record<string, [number, number][]>>;
}

/**
 * Reads JSON lines in the form of the CLUENER data set. Texts in which Chinese prevails become single characters,
 * others words.
 *
 * @returns The sentences, or undefined for a file in which no line has labels (CLUENER's own test file).
 * @throws DataError Names each malformed line; then nothing of the file is used.
 */
export function readJsonLines(lines: readonly string[], file: string): Sentence[] | undefined {
  const defects: Defect[] = [];
  const parsed: {line: number; value: LabelledText}[] = [];
  for (const [i, text] of lines.entries()) {
    if (!text.trim()) continue;
    const value = parseLine(text);
    if (typeof value === 'string') defects.push({line: i + 1, reason: value});
    else parsed.push({line: i + 1, value});
  }
  if (defects.length) throw new DataError(file, defects);
  if (!parsed.length) throw new DataError(file, [{line: 1, reason: 'the file holds no sentence'}]);
  if (parsed.every(({value}) => value.label === undefined)) return undefined;

  const kind: TokenKind = isChinese(parsed.map(({value}) => value.text).join('')) ? 'characters' : 'words';
  const sentences: Sentence[] = [];
  for (const {line, value} of parsed) {
    const sentence = toSentence(value, kind);
    if (typeof sentence === 'string') defects.push({line, reason: sentence});
    else sentences.push(sentence);
  }
  if (defects.length) throw new DataError(file, defects);
  return sentences;
}

/** The value of a line, or the reason why it is malformed. */
function parseLine(text: string): LabelledText | string {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    return `not JSON: ${(error as Error).message}`;
  }
  if (!isRecord(value)) return `expected an object, received ${text.slice(0, 40)}`;
  if (typeof value.text !== 'string') return 'expected "text" to be a string';
  if (value.label !== undefined && !isRecord(value.label)) return 'expected "label" to be an object';
  for (const [type, surfaces] of Object.entries(value.label ?? {})) {
    if (!isRecord(surfaces)) return `expected the label ${JSON.stringify(type)} to be an object`;
    for (const [surface, places] of Object.entries(surfaces)) {
      const ok = Array.isArray(places) && places.length > 0 && places.every(isPlace);
      if (!ok) return `expected the places of ${JSON.stringify(surface)} to be a list of [start, end]`;
    }
  }
  return value as unknown as LabelledText;
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isPlace = (value: unknown): boolean =>
  Array.isArray(value) && value.length === 2 && value.every(n => Number.isInteger(n) && n >= 0) && value[0] <= value[1];

/** Tokens and spans, or the reason why the labels do not fit the text. */
function toSentence({text, label}: LabelledText, kind: TokenKind): Sentence | string {
  if (!label) return 'no "label", though other lines have one; write {} where there is no entity';
  const tokens = tokenise(text, kind);
  if (!tokens.length) return 'the text is empty';
  const characters = [...text];
  const startAt = new Map(tokens.map(({start}, i) => [start, i]));
  const endAt = new Map(tokens.map(({end}, i) => [end - 1, i]));
  const spans: Span[] = [];
  for (const [type, surfaces] of Object.entries(label)) {
    for (const [surface, places] of Object.entries(surfaces)) {
      for (const [first, last] of places) {
        const found = characters.slice(first, last + 1).join('');
        const where = `[${first}, ${last}]`;
        if (found !== surface) {
          return `${type} ${where} should be ${JSON.stringify(surface)}, but the text there is ${JSON.stringify(found)}`;
        }
        const [start, end] = [startAt.get(first), endAt.get(last)];
        if (start === undefined || end === undefined) {
          return `${type} ${where} ${JSON.stringify(surface)} begins or ends inside a token`;
        }
        spans.push({type, start, end});
      }
    }
  }
  return {tokens: tokens.map(token => token.text), spans};
}

function isChinese(text: string): boolean {
  const han = text.match(/\p{Script=Han}/gu)?.length ?? 0;
  const letters = text.match(/\p{L}/gu)?.length ?? 0;
  return han > 0.3 * letters;
}
