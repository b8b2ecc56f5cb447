/** The files of src/ and what they import, as text. */
import {readdirSync, readFileSync} from 'node:fs';
import {dirname, join, relative} from 'node:path';

export interface Import {
  /** As written. */
  specifier: string;
  /** The file in src/ that a relative specifier names. */
  file?: string;
  /** `import type …`, or only `type` names in the braces: nothing at run time. */
  typeOnly: boolean;
  /** `import '…'` without names. */
  bare: boolean;
}

const filesOf = (folder: string): string[] =>
  readdirSync(folder, {recursive: true, encoding: 'utf8'})
    .map(path => join(folder, path))
    .filter(path => path.endsWith('.ts'))
    .sort();

export const SOURCE_FILES = filesOf('src');
export const TEST_FILES = filesOf('test').filter(path => !path.startsWith(join('test', 'repo')));

/** The first folder below src/, or the name of a file that lies in src/ itself. */
export const folderOf = (file: string): string => relative('src', file).split('/')[0];

const IMPORT = /^(?:import|export)\s(?:([^'";]*?)\sfrom\s)?'([^']+)'|\bimport\('([^']+)'\)/gm;

export function importsOf(file: string): Import[] {
  return [...readFileSync(file, 'utf8').matchAll(IMPORT)].map(([, names, fixed, dynamic]) => {
    const specifier = fixed ?? dynamic;
    const braces = /^(?:type\s|\{(?:\s*type\s[^,}]+,?)+\s*\}$)/;
    return {
      specifier,
      file: specifier.startsWith('.') ? join(dirname(file), specifier.replace(/\.js$/, '.ts')) : undefined,
      typeOnly: names !== undefined && braces.test(names),
      bare: names === undefined && dynamic === undefined,
    };
  });
}
