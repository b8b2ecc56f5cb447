/** The packed package, as npm would publish it. */
import {execFileSync} from 'node:child_process';
import {mkdtempSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {dirname, join, resolve} from 'node:path';
import {fileURLToPath} from 'node:url';

export const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');

/** A folder that is removed when the process ends. */
export function temporaryFolder() {
  const folder = mkdtempSync(join(tmpdir(), 'tfjs-addons-'));
  process.on('exit', () => rmSync(folder, {recursive: true, force: true}));
  return folder;
}

/** The tarball named by `--tarball PATH`, or one that is built and packed now. */
export function tarball() {
  const option = process.argv.indexOf('--tarball');
  if (option !== -1) return resolve(process.argv[option + 1]);
  const folder = temporaryFolder();
  execFileSync('npm', ['run', '--silent', 'build'], {cwd: root, stdio: 'inherit'});
  const options = ['--ignore-scripts', '--silent', '--pack-destination', folder];
  return join(folder, execFileSync('npm', ['pack', ...options], {cwd: root, encoding: 'utf8'}).trim());
}
