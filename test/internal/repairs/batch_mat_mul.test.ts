import {describe, expect, test} from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';

import {report} from '../../../src/internal/kernels.js';
import {setUpTfjs} from '../../../src/internal/setup.js';
import {testOn} from '../../support/backend.js';
import {expectClose, expectTensorsKept, normal} from '../../support/expect.js';
import {withHiddenMemory} from '../../support/wasm_memory.js';

setUpTfjs();

/** Σ_k a[i, k] b[k, j] of matrices as nested arrays, in double precision. */
const product = (a: number[][], b: number[][]): number[][] =>
  a.map(row => b[0].map((_, j) => row.reduce((sum, value, k) => sum + value * b[k][j], 0)));

const flip = (matrix: number[][]): number[][] => matrix[0].map((_, j) => matrix.map(row => row[j]));

/** The flags that transpose a and b. */
const TRANSPOSED: [boolean, boolean][] = [
  [false, false],
  [true, false],
  [false, true],
  [true, true],
];

/** A batch of `[rows, columns]` matrices, or of their transposes. */
const matrices = (rows: number, columns: number, transpose: boolean, seed: number, batch = 3) =>
  normal<tf.Rank.R3>([batch, ...(transpose ? [columns, rows] : [rows, columns])] as [number, number, number], seed);

const pathOf = (op: string) => report().find(entry => entry.op === op);

describe('matMul', () => {
  test.each(TRANSPOSED)('of batches equals a plain loop, transposed: %s, %s', async (transposeA, transposeB) => {
    const a = matrices(7, 53, transposeA, 1);
    const b = matrices(53, 11, transposeB, 2);
    const [left, right] = [await a.array(), await b.array()];
    const want = left.map((m, i) => product(transposeA ? flip(m) : m, transposeB ? flip(right[i]) : right[i]));
    await expectClose(tf.matMul(a, b, transposeA, transposeB), tf.tensor3d(want));
  });

  test('broadcasts the batch axes of one side', async () => {
    const a = normal<tf.Rank.R4>([2, 3, 5, 7], 3);
    const b = normal<tf.Rank.R3>([3, 7, 2], 4);
    const parts = tf.unstack(a).map(part => tf.matMul(part as tf.Tensor3D, b));
    await expectClose(tf.matMul(a, tf.tile(tf.expandDims(b, 0), [2, 1, 1, 1])), tf.stack(parts));
    await expectClose(tf.matMul(a, tf.expandDims(b, 0)), tf.stack(parts));
  });

  test('sees values that changed in place of an old tensor', async () => {
    const a = normal<tf.Rank.R3>([2, 3, 3], 5);
    for (const factor of [1, 2]) {
      const b = tf.mul(tf.ones([2, 3, 3]), factor) as tf.Tensor3D;
      const sums = tf.mul(tf.tile(tf.sum(a, 2, true), [1, 1, 3]), factor);
      await expectClose(tf.matMul(a, b), sums);
      b.dispose();
    }
  });

  testOn('wasm').each(TRANSPOSED)(
    'larger than what is packed at once, transposed: %s, %s',
    async (transposeA, transposeB) => {
      const a = matrices(67, 259, transposeA, 8, 1);
      const b = matrices(259, 515, transposeB, 9, 1);
      const straight = (x: tf.Tensor3D, transpose: boolean) => (transpose ? tf.transpose(x, [0, 2, 1]) : x);
      const want = tf.matMul(straight(a, transposeA), straight(b, transposeB)); // by the library of tfjs
      await expectClose(tf.matMul(a, b, transposeA, transposeB), want);
    },
  );

  testOn('wasm').each([1, 2, 4, 5, 8, 9])('of sides around the tile, %d', async side => {
    const [a, b] = [matrices(side, side + 1, true, 10), matrices(side + 1, side + 2, true, 11)];
    const want = tf.stack(tf.unstack(a).map((m, i) => tf.matMul(tf.transpose(m), tf.transpose(tf.unstack(b)[i]))));
    await expectClose(tf.matMul(a, b, true, true), want);
  });

  testOn('wasm')('says how it ran, and runs where the memory of tfjs is hidden', async () => {
    const [a, b] = [matrices(7, 13, false, 12), matrices(13, 5, true, 13)];
    const product = tf.matMul(a, b, false, true);
    expect(pathOf('BatchMatMul')).toMatchObject({path: 'fused', backend: 'wasm'});
    expectTensorsKept(1, () => withHiddenMemory(() => tf.matMul(a, b, false, true)));
    expect(pathOf('BatchMatMul')).toMatchObject({
      path: 'composed',
      reason: 'the memory of the backend is hidden: one by one',
    });
    await expectClose(
      withHiddenMemory(() => tf.matMul(a, b, false, true)),
      product,
    );
  });

  testOn('wasm')('makes the heap grow in the middle of it', async () => {
    const {wasm} = tf.backend() as unknown as {wasm: {HEAPU8: Uint8Array}};
    const before = wasm.HEAPU8.byteLength;
    const kept: tf.Tensor[] = [];
    const a = tf.ones<tf.Rank.R3>([2, 3, 5]);
    while (wasm.HEAPU8.byteLength === before) {
      const side = 1 << 10;
      const b = tf.ones<tf.Rank.R3>([2, 5, side * side]);
      kept.push(b, tf.matMul(a, b));
      expect(tf.min(kept[kept.length - 1]).dataSync()[0]).toBe(5);
    }
    await expectClose(tf.matMul(a, tf.ones<tf.Rank.R3>([2, 5, 7])), tf.fill([2, 3, 7], 5));
    tf.dispose(kept);
  });

  testOn('wasm')('of empty sides is zeros or nothing', async () => {
    await expectClose(tf.matMul(tf.ones([2, 3, 0]), tf.ones([2, 0, 5])), tf.zeros([2, 3, 5]));
    expect(tf.matMul(tf.zeros([0, 3, 4]), tf.zeros([0, 4, 5])).shape).toEqual([0, 3, 5]);
  });

  test('leaves nothing behind', () => {
    const [a, b] = [normal<tf.Rank.R3>([2, 3, 5], 6), normal<tf.Rank.R3>([2, 7, 5], 7)];
    expectTensorsKept(1, () => tf.matMul(a, b, false, true));
  });
});
