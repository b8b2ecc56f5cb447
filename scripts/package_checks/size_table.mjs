/** The README's table of what each layer adds to a bundle, between two comments. */
import {readFileSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';

import {root} from '../pack.mjs';

const README = join(root, 'README.md');
const BETWEEN =
  /(?<=<!-- bundle sizes: written by `npm run check:package -- --update-sizes` -->\n).*(?=\n<!-- end -->)/s;

/** @param ceilings Layer → bytes. Writes the table, or throws when the README has another one. */
export function sizeTable(ceilings, update) {
  const rows = Object.entries(ceilings).map(([name, bytes]) => `| \`${name}\` | ${(bytes / 1000).toFixed(1)} |`);
  const table = ['| one layer alone, minified, without tfjs | at most kB |', '|---|--:|', ...rows].join('\n');
  const text = readFileSync(README, 'utf8');
  if (!BETWEEN.test(text)) throw new Error('README.md has no place for the table of bundle sizes');
  if (update)
    writeFileSync(
      README,
      text.replace(BETWEEN, () => table),
    );
  else if (text.match(BETWEEN)[0] !== table) throw new Error('README.md: bundle sizes differ; use --update-sizes');
}
