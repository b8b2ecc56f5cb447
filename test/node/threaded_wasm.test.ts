import {execFileSync} from 'node:child_process';
import {resolve} from 'node:path';

import {beforeAll, describe, expect, test} from '@jest/globals';

import type {RunOnThreads} from './programs/on_threads.js';
import type {ThreadedRun} from './programs/threaded_wasm.js';

const SCRIPT = 'test/node/programs/run_threaded_wasm.mjs';
const FIND = `import('./test/browser/chromium.mjs').then(({findChromium}) => console.log(findChromium() ?? ''))`;
const root = resolve(__dirname, '../..');
const chromium = execFileSync(process.execPath, ['-e', FIND], {encoding: 'utf8', cwd: root}).trim();

(chromium === '' ? describe.skip : describe)('on the wasm build of tfjs for several threads, in a page', () => {
  let run: ThreadedRun;
  let threads: RunOnThreads;

  beforeAll(() => {
    [run, threads] = JSON.parse(execFileSync(process.execPath, [SCRIPT], {encoding: 'utf8', cwd: root}));
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

  test('kernels run on as many threads, to the bits of one', () => {
    expect(threads.reasons.one).toMatch(/multiply-add in one$/);
    expect(threads.reasons.several).toMatch(/, on up to 4 threads$/);
    expect(threads.different).toEqual([]);
    expect(threads.races).toBe(0);
    expect(threads.calls).toBeGreaterThan(2000);
    expect(threads.callsOfWorkers).toBeGreaterThan(100);
  });

  test('they go on when the heap grows', () => {
    expect(threads.differentInLargerHeap).toEqual([]);
  });

  test('no tensor is left, and no worker once the backend is gone', () => {
    expect(threads).toMatchObject({leaked: 0, workersLeft: 0});
  });

  test('without workers there is one thread, which is said once', () => {
    const reason = 'on one thread, as no worker starts: ';
    expect(threads.reasons.refused).toContain(`${reason}refused by the test`);
    expect(threads.reasons.missing).toContain(`${reason}the page may forbid it`);
    expect(threads.differentWithoutWorkers).toEqual([]);
    expect(threads.warnings.map(text => text.slice(0, 60))).toEqual([
      'Kernels of wasm run on one thread, as no worker starts: refu',
      'Kernels of wasm run on one thread, as no worker starts: the ',
    ]);
  });
});
