import {existsSync, readdirSync, readFileSync, statSync} from 'node:fs';
import {join} from 'node:path';

import {DataError} from './data_error.js';
import {decodeLines} from './decode_text.js';
import {type ReadOptions, readColumns} from './read_columns.js';
import {readJsonLines} from './read_json_lines.js';
import {type Dataset, makeDataset, type Sentence} from './sentence.js';

const NAMES = {
  train: ['train', 'training'],
  dev: ['dev', 'devel', 'develop', 'development', 'valid', 'val', 'validation', 'testa'],
  test: ['test', 'testing', 'testb', 'eval', 'evaluation'],
};

const JSON_LINES = /\.(json|jsonl|ndjson)$/i;
const COLUMNS = /\.(txt|tsv|conll|conll03|bio|iob|iob2|bioes|bmes|bilou|data|ner|char|tags)$/i;

/**
 * Reads labelled text from a directory with one file for each of train, dev and test: `train.char.bmes`,
 * `eng.testa`, `dev.jsonl`, `valid.txt` and the like. Everything is read and checked before anything is returned.
 */
export function readDirectory(directory: string, options: ReadOptions = {}): Dataset {
  if (!existsSync(directory) || !statSync(directory).isDirectory()) throw new Error(`${directory} is not a directory`);
  const files = readdirSync(directory, {withFileTypes: true}).filter(entry => entry.isFile());
  const names = files.map(entry => entry.name).sort();
  const train = readPart(directory, findFile(directory, names, 'train'), options);
  const dev = readPart(directory, findFile(directory, names, 'dev'), options);
  const testFile = findFile(directory, names, 'test', false);
  return makeDataset({
    train: train!,
    dev: dev!,
    test: testFile ? readPart(directory, testFile, options, false) : undefined,
  });
}

/** The one file whose name says that it is this part; names with a known ending go first. */
function findFile(directory: string, names: readonly string[], part: keyof typeof NAMES, required?: true): string;
function findFile(
  directory: string,
  names: readonly string[],
  part: keyof typeof NAMES,
  required: false,
): string | undefined;
function findFile(directory: string, names: readonly string[], part: keyof typeof NAMES, required = true) {
  const matching = names.filter(name =>
    name
      .toLowerCase()
      .split(/[._-]/)
      .some(word => NAMES[part].includes(word)),
  );
  const known = matching.filter(name => JSON_LINES.test(name) || COLUMNS.test(name));
  const found = known.length ? known : matching;
  if (found.length > 1) throw new Error(`${directory} holds several ${part} files: ${found.join(', ')}. Leave one.`);
  if (found.length === 0 && required) {
    const present = names.length ? names.join(', ') : 'nothing';
    throw new Error(`${directory} holds no ${part} file (such as ${part}.txt or ${part}.jsonl); it holds ${present}`);
  }
  return found[0];
}

function readPart(
  directory: string,
  name: string,
  options: ReadOptions,
  labelsRequired = true,
): Sentence[] | undefined {
  const file = join(directory, name);
  const lines = decodeLines(readFileSync(file), file);
  if (!JSON_LINES.test(name)) return readColumns(lines, file, options);
  const sentences = readJsonLines(lines, file);
  if (!sentences && labelsRequired) throw new DataError(file, [{line: 1, reason: 'no line has a "label"'}]);
  return sentences;
}
