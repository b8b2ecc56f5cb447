/**
 * Trains the model of the page and puts it into public/model: `npm run model -w demo`, about two minutes.
 * It is the recogniser of `npm start`, preset `generated`, in the weights' full precision.
 */
import {execFileSync} from 'node:child_process';
import {cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join, resolve} from 'node:path';
import {fileURLToPath} from 'node:url';

const demo = fileURLToPath(new URL('..', import.meta.url));
const target = join(demo, 'public/model');
const out = mkdtempSync(join(tmpdir(), 'recogniser-'));
try {
  execFileSync('npm', ['start', '--', '--out', out], {cwd: resolve(demo, '..'), stdio: 'inherit'});
  rmSync(target, {recursive: true, force: true});
  cpSync(join(out, 'model'), target, {recursive: true});
  const file = join(target, 'recogniser.json');
  const {run, ...rest} = JSON.parse(readFileSync(file, 'utf8'));
  writeFileSync(file, JSON.stringify({run: {...run, out: '', command: 'npm run model -w demo'}, ...rest}));
} finally {
  rmSync(out, {recursive: true, force: true});
}
