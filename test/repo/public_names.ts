/**
 * What the package exports, by entry; namespaces of the main entry with a dot. The checked-in list changes only on
 * purpose:
 *
 *   npx tsx test/repo/public_names.ts --write
 */
import {writeFileSync} from 'node:fs';

import * as main from '../../src/index.js';
import * as layers from '../../src/layers/index.js';
import * as losses from '../../src/losses/index.js';
import * as metrics from '../../src/metrics/index.js';
import * as node from '../../src/node/index.js';
import * as train from '../../src/optimizers/index.js';

const isNamespace = (value: unknown): value is object => typeof value === 'object' && value !== null;

const namesOf = (entry: object): string[] =>
  Object.entries(entry)
    .flatMap(([name, value]) => (isNamespace(value) ? Object.keys(value).map(inner => `${name}.${inner}`) : [name]))
    .sort();

export const publicNames = (): Record<string, string[]> => ({
  '.': namesOf(main),
  './register': [],
  './node': namesOf(node),
  './layers': namesOf(layers),
  './train': namesOf(train),
  './losses': namesOf(losses),
  './metrics': namesOf(metrics),
});

if (process.argv[1]?.endsWith('public_names.ts') && process.argv.includes('--write')) {
  writeFileSync('test/repo/public_names.json', `${JSON.stringify(publicNames(), null, 2)}\n`);
}
