import {readFile} from 'node:fs/promises';
import {join} from 'node:path';

/** The text of `test/golden/<path>.json`. The browser runner replaces this file by one that fetches. */
export const readGoldenFile = (path: string): Promise<string> =>
  readFile(join(process.cwd(), 'test/golden', `${path}.json`), 'utf8');
