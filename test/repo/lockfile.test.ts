import {readFileSync} from 'node:fs';

import {expect, test} from '@jest/globals';

interface LockFile {
  packages: Record<string, {optionalDependencies?: Record<string, string>}>;
}

test('package-lock.json has the optional packages of every platform, without which npm ci refuses it', () => {
  const {packages} = JSON.parse(readFileSync('package-lock.json', 'utf8')) as LockFile;
  const optional = Object.values(packages).flatMap(({optionalDependencies = {}}) => Object.keys(optionalDependencies));
  const missing = optional.filter(name => packages[`node_modules/${name}`] === undefined);
  if (missing.length > 0) throw new Error(`run: node scripts/complete_lockfile.mjs (${missing.join(', ')})`);
  expect(optional.length).toBeGreaterThan(0);
});
