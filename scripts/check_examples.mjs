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
  const folder = temporaryFolder();
  const copied = copy(example, folder);
  writeFileSync(join(folder, 'package.json'), JSON.stringify({private: true, workspaces: copied}));
  const {scripts} = manifestOf(folder, example);
  const script = scripts.smoke === undefined ? 'start' : 'smoke';
  for (const [cwd, ...args] of [
    [folder, 'install', '--no-audit', '--no-fund', '--no-package-lock'],
    [join(folder, example), 'run', '--silent', script],
  ]) {
    const {status, stdout, stderr} = spawnSync('npm', args, {cwd, encoding: 'utf8', maxBuffer: 2 ** 28});
    if (status !== 0) return `${stdout}${stderr}`;
  }
  return null;
}

/** Copies an example and those that it uses, beside each other, with the packed package as their dependency. */
function copy(example, folder) {
  const target = join(folder, example);
  cpSync(join(root, 'examples', example), target, {recursive: true, filter: path => !NOT_COPIED.has(basename(path))});
  const manifest = manifestOf(folder, example);
  manifest.dependencies['tfjs-addons'] = `file:${packed}`;
  writeFileSync(join(target, 'package.json'), JSON.stringify(manifest, null, 2));
  const used = Object.values(manifest.dependencies).flatMap(
    version => version.match(/^file:\.\.\/([\w-]+)$/)?.[1] ?? [],
  );
  return [example, ...used.flatMap(other => copy(other, folder))];
}

function manifestOf(folder, example) {
  return JSON.parse(readFileSync(join(folder, example, 'package.json'), 'utf8'));
}
