import {readdirSync, readFileSync} from 'node:fs';
import {createRequire} from 'node:module';
import {dirname, join, relative, sep} from 'node:path';

/** The package whose sources are the text: its version is exact in package.json, so everyone trains on the same one. */
export const TEXT_PACKAGE = '@tensorflow/tfjs-layers';

/** Not sources: tests, bundles, and indices that repeat the documentation of other files. */
const NOT_TEXT = /(_test\.js|^tf-.*|^exports.*|\.min\.js)$/;
const NOT_READ = new Set(['miniprogram', 'node_modules']);

export interface SourceFile {
  /** Relative to the package, with `/`. */
  path: string;
  text: string;
}

/** The package's JavaScript with its documentation comments, without licence headers, in the order of the paths. */
export function sourceFiles(): SourceFile[] {
  const root = dirname(createRequire(import.meta.url).resolve(`${TEXT_PACKAGE}/package.json`));
  return filesUnder(join(root, 'dist'))
    .map(file => ({path: relative(root, file).split(sep).join('/'), text: clean(readFileSync(file, 'utf8'))}))
    .filter(({text}) => text !== '')
    .sort((a, b) => (a.path < b.path ? -1 : 1));
}

const filesUnder = (folder: string): string[] =>
  readdirSync(folder, {withFileTypes: true}).flatMap(entry => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return NOT_READ.has(entry.name) ? [] : filesUnder(path);
    return entry.name.endsWith('.js') && !NOT_TEXT.test(entry.name) ? [path] : [];
  });

const clean = (text: string): string =>
  text
    .replace(/^\/\*\*?\s*\n \* @license[\s\S]*?\*\/\n/, '')
    .replace(/^\/\/# sourceMappingURL=.*$/gm, '')
    .trim();
