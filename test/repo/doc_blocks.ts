import {existsSync, readdirSync, readFileSync} from 'node:fs';
import {join} from 'node:path';

import {SOURCE_FILES} from './source_files.js';

/** A block of code in the documentation. */
export interface Example {
  /** `file:line` */
  place: string;
  code: string;
  /** JavaScript that is TypeScript as well but for the types that tfjs leaves open. */
  language: 'ts' | 'js';
  /** `ts no-run`: it reads what only its reader has, such as a model or a GPU. */
  runs: boolean;
}

const GUIDES = ['README.md', 'CONTRIBUTING.md', ...readdirSync('docs').map(file => join('docs', file))];
const documents = [...SOURCE_FILES, ...GUIDES.filter(file => file.endsWith('.md') && existsSync(file))];

/** All of the doc comments and guides. */
export const DOC_EXAMPLES: readonly Example[] = documents.flatMap(examplesOf);

/** Blocks between fences; in a comment each line begins with ` * `. */
function examplesOf(file: string): Example[] {
  const text = readFileSync(file, 'utf8');
  const blocks = text.matchAll(/^([ *]*)```(ts|js)( no-run)?\n(.*?)^[ *]*```$/gms);
  return [...blocks].map(([block, margin, language, noRun, code]) => ({
    place: `${file}:${text.slice(0, text.indexOf(block)).split('\n').length + 1}`,
    code: code
      .split('\n')
      .map(line => line.slice(margin.length))
      .join('\n'),
    language: language as 'ts' | 'js',
    runs: noRun === undefined,
  }));
}
