import {describe, expect, jest, test} from '@jest/globals';

import {ADAM} from '../../src/internal/updates/adam.js';
import {LION} from '../../src/internal/updates/lion.js';
import type {UpdateRule} from '../../src/internal/updates/rule.js';
import {runRule} from '../../src/internal/updates/run_rule.js';
import {Random} from '../support/random.js';

const RULES: [UpdateRule, Record<string, number>][] = [
  [ADAM, {rate: 0.1, beta1: 0.75, beta2: 0.5, epsilon: 1e-4, scale1: 3, scale2: 2, shrink: 0.9}],
  [LION, {rate: 0.1, beta1: 0.75, beta2: 0.5, shrink: 0.9}],
];

function arraysOf(rule: UpdateRule, length: number) {
  const random = new Random(length + 1);
  const values = (map = (x: number) => x) => Float32Array.from({length}, () => map(random.normal()));
  return {parameter: values(), gradient: values(), slots: rule.slots.map(() => values(x => x * x)), out: values()};
}

/** What the rule writes, through this package's own memory, or in place in a heap. */
function updated(rule: UpdateRule, length: number, constants: Record<string, number>, way: 'loop' | 'own' | 'heap') {
  const arrays = arraysOf(rule, length);
  if (way === 'loop') rule.loop({...arrays, from: 0, gradientFrom: 0, length}, constants);
  if (way === 'own') runRule(rule, arrays, constants);
  if (way !== 'heap') return [arrays.out, ...arrays.slots];
  const heap = new WebAssembly.Memory({initial: 4, maximum: 4});
  let end = 12; // a multiple of four bytes, not of sixteen
  const move = (array: Float32Array) => {
    const moved = new Float32Array(heap.buffer, end, length);
    end += array.byteLength + 4;
    moved.set(array);
    return moved;
  };
  const {parameter, gradient, slots, out} = arrays;
  const moved = {parameter: move(parameter), gradient: move(gradient), slots: slots.map(move), out: move(out)};
  runRule(rule, moved, constants, heap);
  expect([...moved.parameter]).toEqual([...parameter]);
  expect([...moved.gradient]).toEqual([...gradient]);
  return [moved.out, ...moved.slots];
}

/** Up to the rounding of float32; the loop computes in float64. */
function expectNear(actual: Float32Array[], expected: Float32Array[]): void {
  for (const [i, array] of expected.entries()) {
    const off = array.findIndex((value, j) => !(Math.abs(actual[i][j] - value) <= 1e-6 * (1 + Math.abs(value))));
    expect({array: i, off}).toEqual({array: i, off: -1});
  }
}

describe.each(RULES)('$op as WebAssembly', (rule, constants) => {
  test.each([0, 1, 3, 4, 5, 8, 4096, 4099, 9001])('equals the loop on %d elements', length => {
    const expected = updated(rule, length, constants, 'loop');
    expectNear(updated(rule, length, constants, 'own'), expected);
    if (length < 4000) expectNear(updated(rule, length, constants, 'heap'), expected);
  });

  test('runs for all but the last three elements', () => {
    const lengths: number[] = [];
    const spied: UpdateRule = {...rule, loop: ({length}) => lengths.push(length)};
    for (const length of [8, 11, 4099]) runRule(spied, arraysOf(rule, length), constants);
    expect(lengths).toEqual([3, 3]);
  });

  test('runs where the memory is one that threads share', () => {
    const lengths: number[] = [];
    const spied: UpdateRule = {...rule, loop: ({length}) => lengths.push(length)};
    const heap = new WebAssembly.Memory({initial: 1, maximum: 1, shared: true});
    runRule(spied, arraysOf(rule, 8), constants, heap);
    expect(lengths).toEqual([]);
  });

  test('leaves all to the loop where the engine has no vectors', () => {
    const lengths: number[] = [];
    const spied: UpdateRule = {...rule, loop: ({length}) => lengths.push(length)};
    const module = jest.spyOn(WebAssembly, 'Module').mockImplementation(() => {
      throw new WebAssembly.CompileError('invalid value type v128');
    });
    runRule(spied, arraysOf(rule, 8), constants, new WebAssembly.Memory({initial: 1, maximum: 1}));
    module.mockRestore();
    expect(lengths).toEqual([8]);
  });
});

describe('lion', () => {
  test('gives NaN for the sign of NaN, 0 for that of 0', () => {
    const [[, constants]] = RULES.filter(([rule]) => rule === LION);
    const arrays = {
      parameter: Float32Array.of(1, 1, 1, 1),
      gradient: Float32Array.of(Number.NaN, 0, -2, 3),
      slots: [new Float32Array(4)],
      out: new Float32Array(4),
    };
    runRule(LION, arrays, {...constants, rate: 1, shrink: 1});
    expect([...arrays.out]).toEqual([Number.NaN, 1, 2, 0]);
  });
});
