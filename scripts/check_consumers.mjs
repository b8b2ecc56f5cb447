/**
 * Installs the packed package into each project of examples/consumers, outside the repository, and runs it: a program
 * by its `start` or `check` script, a page, built where it has a `build` script, in Chromium.
 *
 *   node scripts/check_consumers.mjs [--tarball PATH]
 */
import {spawnSync} from 'node:child_process';
import {cpSync, existsSync, readdirSync, readFileSync, symlinkSync, writeFileSync} from 'node:fs';
import {basename, join} from 'node:path';

import {findChromium} from '../test/browser/chromium.mjs';
import {withPage} from '../test/browser/open_page.mjs';
import {root, tarball, temporaryFolder} from './pack.mjs';

const SUCCESS = /^loss .* loaded again, same scores$/;

const packed = tarball();
const folder = temporaryFolder();
const consumers = readdirSync(join(root, 'examples/consumers'), {withFileTypes: true})
  .filter(entry => entry.isDirectory())
  .map(entry => entry.name);
installAll();

let failed = 0;
for (const consumer of consumers) {
  const start = Date.now();
  const result = await check(consumer).catch(error => ({failure: error.message}));
  const seconds = Math.round((Date.now() - start) / 1000);
  console.log(`${consumer}: ${result.failure === undefined ? result.note : 'FAILED'} (${seconds} s)`);
  if (result.failure === undefined) continue;
  failed++;
  console.log(result.failure);
}
process.exitCode = failed > 0 || consumers.length === 0 ? 1 : 0;

/** One install for all, as workspaces of a project made here. */
function installAll() {
  cpSync(join(root, 'examples/consumers'), folder, {
    recursive: true,
    filter: path => !['node_modules', 'dist'].includes(basename(path)),
  });
  for (const consumer of consumers) {
    const file = join(folder, consumer, 'package.json');
    const manifest = JSON.parse(readFileSync(file, 'utf8'));
    manifest.dependencies['tfjs-addons'] = `file:${packed}`;
    writeFileSync(file, JSON.stringify(manifest, null, 2));
  }
  writeFileSync(join(folder, 'package.json'), JSON.stringify({private: true, workspaces: consumers}));
  npm(folder, 'install', '--no-audit', '--no-fund', '--no-package-lock');
  const ownModules = join(folder, 'script-tag/node_modules'); // a page has no way up to those of the workspace
  if (!existsSync(ownModules)) symlinkSync(join(folder, 'node_modules'), ownModules);
}

async function check(consumer) {
  const project = join(folder, consumer);
  const {scripts = {}} = JSON.parse(readFileSync(join(project, 'package.json'), 'utf8'));
  if (scripts.check !== undefined) {
    npm(project, 'run', '--silent', 'check');
    return {note: 'passed'};
  }
  if (!existsSync(join(project, 'index.html'))) return verdict(npm(project, 'run', '--silent', 'start').trim());
  if (scripts.build !== undefined) npm(project, 'run', '--silent', 'build');
  if (findChromium() === undefined) return {note: 'built, not opened: no Chromium'};
  return verdict(await shownBy(scripts.build === undefined ? project : join(project, 'dist')));
}

function verdict(shown) {
  return SUCCESS.test(shown) ? {note: shown} : {failure: shown};
}

/** What the `<output>` of a folder's page ends with, after whatever the console reported. */
function shownBy(site) {
  return withPage('/index.html', [site, new Map(), /^\//], async (page, errors) => {
    const isDone = () => document.querySelector('output').textContent !== 'training …';
    await page.waitForFunction(isDone, undefined, {timeout: 120_000}).catch(error => errors.push(error.message));
    return [...errors, await page.textContent('output')].join('\n');
  });
}

function npm(cwd, ...args) {
  const {status, stdout, stderr} = spawnSync('npm', args, {cwd, encoding: 'utf8', maxBuffer: 2 ** 28});
  if (status !== 0) throw new Error(`npm ${args.join(' ')}:\n${stdout}${stderr}`);
  return stdout;
}
