/**
 * Runs each example against the packed package, outside the repository, as a user would have it:
 * its `smoke` script, or else its `start`.
 *
 *   node scripts/check_examples.mjs [--tarball PATH] [EXAMPLE…]
 */
import {spawnSync} from 'node:child_process';
import {cpSync, existsSync, readdirSync, readFileSync, writeFileSync} from 'node:fs';
import {basename, join} from 'node:path';

import {root, tarball, temporaryFolder} from './pack.mjs';

const NOT_COPIED = new Set(['node_modules', 'runs', 'dist']);

const packed = tarball();
const chosen = process.argv
  .slice(2)
  .filter((argument, i, all) => !argument.startsWith('--') && all[i - 1] !== '--tarball');
const examples = readdirSync(join(root, 'examples'), {withFileTypes: true})
  .filter(entry => existsSync(join(root, 'examples', entry.name, 'package.json')))
  .filter(entry => chosen.length === 0 || chosen.includes(entry.name))
  .map(entry => entry.name);

let failed = 0;
for (const example of examples) {
  const start = Date.now();
  const output = run(example);
  const seconds = Math.round((Date.now() - start) / 1000);
  console.log(`${example}: ${output === null ? 'passed' : 'FAILED'} after ${seconds} s`);
  if (output === null) continue;
  failed++;
  console.log(output);
}
if (examples.length === 0) console.log('no such example');
process.exitCode = failed > 0 || examples.length === 0 ? 1 : 0;

/** What the example printed if it failed, else `null`. */
function run(example) {
  const folder = join(temporaryFolder(), example);
  cpSync(join(root, 'examples', example), folder, {recursive: true, filter: path => !NOT_COPIED.has(basename(path))});
  const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  manifest.dependencies['tfjs-addons'] = `file:${packed}`;
  writeFileSync(join(folder, 'package.json'), JSON.stringify(manifest, null, 2));
  const script = manifest.scripts.smoke === undefined ? 'start' : 'smoke';
  for (const args of [
    ['install', '--no-audit', '--no-fund', '--no-package-lock'],
    ['run', '--silent', script],
  ]) {
    const {status, stdout, stderr} = spawnSync('npm', args, {cwd: folder, encoding: 'utf8', maxBuffer: 2 ** 28});
    if (status !== 0) return `${stdout}${stderr}`;
  }
  return null;
}
