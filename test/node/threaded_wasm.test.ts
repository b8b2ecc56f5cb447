import {execFileSync} from 'node:child_process';
import {resolve} from 'node:path';

import {beforeAll, describe, expect, test} from '@jest/globals';

import type {ThreadedRun} from './programs/threaded_wasm.js';

const SCRIPT = 'test/node/programs/run_threaded_wasm.mjs';
const FIND = `import('./test/browser/chromium.mjs').then(({findChromium}) => console.log(findChromium() ?? ''))`;
const root = resolve(__dirname, '../..');
const chromium = execFileSync(process.execPath, ['-e', FIND], {encoding: 'utf8', cwd: root}).trim();

(chromium === '' ? describe.skip : describe)('on the wasm build of tfjs for several threads, in a page', () => {
  let run: ThreadedRun;

  beforeAll(() => {
    run = JSON.parse(execFileSync(process.execPath, [SCRIPT], {encoding: 'utf8', cwd: root}));
  }, 240_000);

  test('tfjs has threads and a heap that they share', () => {
    expect(run).toMatchObject({isolated: true, threads: 2, shared: true});
  });

  test('kernels run on that heap, with multiply-add in one', () => {
    const ops = ['BatchMatMul', 'AddonsDense', 'AddonsScaledDotProductAttentionGradient', 'AddonsCausalProduct'];
    const used = run.report.filter(({op}) => ops.includes(op));
    expect(used.map(({path}) => path)).toEqual(ops.map(() => 'fused'));
    for (const {reason} of used) expect(reason).toContain('relaxed SIMD, multiply-add in one');
  });

  test('values and gradients are those of composed ops on cpu', () => {
    expect(Object.keys(run.differences)).toHaveLength(5);
    for (const [name, difference] of Object.entries(run.differences))
      expect([name, difference < 2e-5]).toEqual([name, true]);
  });
});
