/** `npm run smoke`: refuses to measure a software adapter, measures it when told to, and says how CUDA is installed. */
import assert from 'node:assert/strict';
import {spawnSync} from 'node:child_process';
import {mkdtempSync, readFileSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';

/** Chromium's software driver, where no other is named. */
process.env.VK_ICD_FILENAMES ??= '/usr/lib/chromium/vk_swiftshader_icd.json';

const folder = mkdtempSync(join(tmpdir(), 'gpu-training-'));
const out = join(folder, 'results.json');
try {
  const refused = start('--backend', 'webgpu');
  assert.equal(refused.status, 1);
  assert.match(refused.stderr, /webgpu would run on .*swiftshader.*, not on a GPU/i);

  const small = ['--steps', '30', '--batch', '8', '--units', '32', '--layers', '1'];
  const allowed = start('--backend', 'webgpu', '--allow-cpu', ...small, '--out', out);
  assert.equal(allowed.status, 0, allowed.stderr);
  assert.match(allowed.stderr, /WITHOUT A GPU/);
  const {webgpu} = JSON.parse(readFileSync(out, 'utf8'));
  assert(webgpu.stepsPerSecond > 0 && webgpu.losses[1] < 0.8 * webgpu.losses[0], JSON.stringify(webgpu));

  const cuda = start('--backend', 'tensorflow');
  assert.equal(cuda.status, 1);
  assert.match(cuda.stderr, /setup-native --gpu/);
} finally {
  rmSync(folder, {recursive: true});
}

function start(...args: string[]) {
  return spawnSync(process.execPath, ['--import', 'tsx', 'src/main.ts', ...args], {encoding: 'utf8'});
}
