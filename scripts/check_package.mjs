/**
 * Checks the packed package as its users meet it: publint, are-the-types-wrong, import from ESM and CommonJS,
 * the browser global, and what one import brings into a bundle.
 *
 *   node scripts/check_package.mjs [--tarball PATH] [--update-sizes]
 */
import {execFileSync} from 'node:child_process';
import {mkdirSync, readFileSync, symlinkSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {root, tarball, temporaryFolder} from './pack.mjs';
import {checkBrowserGlobal} from './package_checks/browser_global.mjs';
import {checkBundles} from './package_checks/bundles.mjs';
import {checkEntries} from './package_checks/entries.mjs';

const packed = tarball();
const consumer = installed(packed);
const installedPackage = join(consumer, 'node_modules/tfjs-addons');
const manifest = JSON.parse(readFileSync(join(installedPackage, 'package.json'), 'utf8'));

const tool = (name, ...args) =>
  execFileSync(join(root, 'node_modules/.bin', name), args, {encoding: 'utf8', cwd: root});
const updateSizes = process.argv.includes('--update-sizes');
const checks = {
  publint: () => tool('publint', 'run', packed, '--strict'),
  'types are right (attw)': () => tool('attw', packed, '--format', 'table-flipped'),
  'entries from ESM and CommonJS': () => checkEntries(consumer, manifest),
  'what an import brings': () => checkBundles(consumer, installedPackage, updateSizes),
  'browser global': () => checkBrowserGlobal(installedPackage),
};

let failed = 0;
for (const [name, check] of Object.entries(checks)) {
  try {
    const note = await check();
    console.log(`passed  ${name}${note?.startsWith('(') ? ` ${note}` : ''}`);
  } catch (error) {
    failed++;
    console.log(
      `FAILED  ${name}\n${error.stdout ?? ''}${error.stderr ?? ''}${error.stdout === undefined ? error.stack : ''}`,
    );
  }
}
process.exitCode = failed > 0 ? 1 : 0;

/** A project with the unpacked package and, as its neighbours, the tfjs packages of this repository. */
function installed(file) {
  const folder = temporaryFolder();
  const modules = join(folder, 'node_modules');
  mkdirSync(join(modules, 'tfjs-addons'), {recursive: true});
  execFileSync('tar', ['-xzf', file, '--strip-components=1', '-C', join(modules, 'tfjs-addons')]);
  symlinkSync(join(root, 'node_modules/@tensorflow'), join(modules, '@tensorflow'));
  writeFileSync(join(folder, 'package.json'), '{"type": "module"}\n');
  return folder;
}
