/** A stretch of tokens that names something; both ends belong to it. */
export interface Span {
  type: string;
  start: number;
  end: number;
}

/** Tokens and what they name. Spans may lie inside one another or cross. */
export interface Sentence {
  tokens: readonly string[];
  spans: readonly Span[];
}

/** What a token is: a word of English, or a single character of Chinese. */
export type TokenKind = 'words' | 'characters';

/** Labelled text in three parts. Without labels for `test`, scores are told on `dev`. */
export interface Dataset {
  train: Sentence[];
  dev: Sentence[];
  test?: Sentence[];
  /** The types of the spans, sorted. */
  types: string[];
  tokenKind: TokenKind;
}

/** `train`, `dev` and `test` with the types and the kind of tokens they show. */
export function makeDataset(parts: Pick<Dataset, 'train' | 'dev' | 'test'>): Dataset {
  const all = [parts.train, parts.dev, parts.test ?? []].flat();
  const types = [...new Set(all.flatMap(({spans}) => spans.map(({type}) => type)))].sort();
  return {...parts, types, tokenKind: guessTokenKind(all.map(({tokens}) => tokens))};
}

/** Characters, if hardly any token is longer than one. */
export function guessTokenKind(sentences: readonly (readonly string[])[]): TokenKind {
  let tokens = 0;
  let single = 0;
  for (const sentence of sentences) {
    tokens += sentence.length;
    for (const token of sentence) if ([...token].length === 1) single++;
  }
  return single > 0.9 * tokens ? 'characters' : 'words';
}

/** One string for each different span of a sentence: what sets of spans are compared by. */
export const spanKey = ({type, start, end}: Span): string => `${start} ${end} ${type}`;

/** By start, the longer first: a span comes before those inside it. */
export const bySpanOrder = (a: Span, b: Span): number =>
  a.start - b.start || b.end - a.end || (a.type < b.type ? -1 : 1);
