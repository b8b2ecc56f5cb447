import {existsSync, readdirSync, readFileSync} from 'node:fs';
import {dirname, join} from 'node:path';

import {expect, test} from '@jest/globals';

const markdownIn = (folder: string): string[] =>
  existsSync(folder)
    ? readdirSync(folder)
        .filter(file => file.endsWith('.md'))
        .map(file => join(folder, file))
    : [];

const guides = [
  '.',
  'docs',
  'demo',
  'benchmarks',
  'test/golden',
  ...readdirSync('examples').map(name => join('examples', name)),
];

test.each(guides.flatMap(markdownIn))('%s links to files that exist', file => {
  const text = readFileSync(file, 'utf8').replace(/^```.*?^```/gms, '');
  const links = [...text.matchAll(/\]\(([^)\s]+)\)/g)].map(([, link]) => link.replace(/#.*/, ''));
  const files = links.filter(link => link !== '' && !/^(https?|mailto):/.test(link));
  expect(files.filter(link => !existsSync(join(dirname(file), link)))).toEqual([]);
});
