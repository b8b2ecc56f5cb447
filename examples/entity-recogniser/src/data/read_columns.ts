import {DataError, type Defect} from './data_error.js';
import type {Sentence} from './sentence.js';
import {belongsTo, detectScheme, parseTag, spansOfTags, type Tag} from './tag_schemes.js';

interface TaggedSentence {
  tokens: string[];
  tags: Tag[];
  /** Line of the first token. */
  line: number;
}

export interface ReadOptions {
  /**
   * Accept tags that are out of order as CoNLL's scorer does, and hand over what was accepted; by default they are an
   * error.
   */
  onRepair?: (accepted: DataError) => void;
}

/**
 * Reads a column file: a token a line, its tag in the last column, an empty line after each sentence. Columns are
 * separated by spaces or tabs; the scheme of the tags (IOB1, BIO, BIOES, BMES, BILOU) is recognised.
 *
 * @throws DataError Names each malformed line; then nothing of the file is used.
 */
export function readColumns(lines: readonly string[], file: string, {onRepair}: ReadOptions = {}): Sentence[] {
  const defects: Defect[] = [];
  const tagged = splitSentences(lines, defects);
  if (defects.length) throw new DataError(file, defects);
  if (!tagged.length) throw new DataError(file, [{line: 1, reason: 'the file holds no sentence'}]);

  const scheme = detectScheme(tagged.map(({tags}) => tags));
  for (const {tags, line} of tagged) {
    for (const [i, tag] of tags.entries()) {
      if (belongsTo(tag, scheme)) continue;
      defects.push({
        line: line + i,
        reason: `${tag.prefix}-${tag.type} is no tag of the scheme ${scheme.toUpperCase()}, which the others follow`,
      });
    }
  }
  if (defects.length) throw new DataError(file, defects);

  const sentences = tagged.map(({tokens, tags, line}) => {
    const {spans, slips} = spansOfTags(tags, scheme);
    for (const {token, reason} of slips) defects.push({line: line + Math.min(token, tokens.length - 1), reason});
    return {tokens, spans};
  });
  if (defects.length && !onRepair) throw new DataError(file, defects);
  if (defects.length) onRepair?.(new DataError(file, defects));
  return sentences;
}

function splitSentences(lines: readonly string[], defects: Defect[]): TaggedSentence[] {
  const sentences: TaggedSentence[] = [];
  let open: TaggedSentence | undefined;
  let columns: number | undefined;
  for (const [i, text] of lines.entries()) {
    const line = i + 1;
    if (/^[ \t]*$/.test(text) || text.startsWith('-DOCSTART-')) {
      open = undefined;
      continue;
    }
    const fields = text.replace(/[ \t]+$/, '').split(/[ \t]+/);
    columns ??= fields.length;
    const tag = parseTag(fields.at(-1)!);
    if (fields.length < 2 || !fields[0]) {
      defects.push({line, reason: `expected a token and a tag, received ${JSON.stringify(text)}`});
    } else if (fields.length !== columns) {
      defects.push({line, reason: `expected ${columns} columns as above, received ${fields.length}`});
    } else if (!tag) {
      defects.push({line, reason: `${JSON.stringify(fields.at(-1))} is not a tag such as O, B-PER or I-PER`});
    } else {
      if (!open) {
        open = {tokens: [], tags: [], line};
        sentences.push(open);
      }
      open.tokens.push(fields[0]);
      open.tags.push(tag);
    }
  }
  return sentences;
}
