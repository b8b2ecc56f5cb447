import {describe, expect, test} from '@jest/globals';

import {COUNTER_DROPOUT} from '../../src/ops/counter_dropout/name.js';
import {counterDropout} from '../../src/ops/index.js';
import {testOn} from '../support/backend.js';
import {expectClose, expectTensorsKept} from '../support/expect.js';
import {expectFusedIsComposed} from '../support/fused.js';

describe('counterDropout', () => {
  test('drops its share, is 0 or 1/(1 − rate), and has the same bits everywhere', async () => {
    const factor = await counterDropout([100, 100], 0.3, 42).data();
    const kept = factor.filter(value => value !== 0);
    expect(new Set(kept)).toEqual(new Set([Math.fround(1 / 0.7)]));
    expect(Math.abs(kept.length / 1e4 - 0.7)).toBeLessThan(0.02);
    expect(Array.from(factor.slice(0, 16), value => Number(value !== 0)).join('')).toBe('1111101111011011');
  });

  test('neighbouring seeds are unrelated', async () => {
    const [one, two] = await Promise.all([1, 2].map(seed => counterDropout([10000], 0.5, seed).data()));
    let agree = 0;
    for (let i = 0; i < one.length; i++) if (one[i] === two[i]) agree++;
    expect(Math.abs(agree / 1e4 - 0.5)).toBeLessThan(0.02);
  });

  test('rate 0 keeps all; keeps one tensor', async () => {
    await expectClose(counterDropout([3], 0, 1), [1, 1, 1]);
    expectTensorsKept(1, () => counterDropout([4], 0.5, 1));
  });

  testOn('cpu', 'wasm', 'webgpu').each([[[1]], [[63]], [[2, 3, 65]], [[0, 4]], [[70000]]])(
    'the fused kernel has the same bits, shape %j',
    shape => expectFusedIsComposed(COUNTER_DROPOUT, () => counterDropout(shape, 0.3, -5)),
  );

  test('says what it expected', () => {
    expect(() => counterDropout([2], 1, 1)).toThrow('counterDropout: expected rate in [0, 1), received 1.');
    expect(() => counterDropout([2], 0.5, 0.5)).toThrow('expected seed to be an integer');
  });
});
