import {describe, expect, test} from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';

import {setUpTfjs} from '../../../src/internal/setup.js';
import {testOn} from '../../support/backend.js';
import {expectClose, expectTensorsKept, normal} from '../../support/expect.js';

setUpTfjs();

/** Σ_k a[i, k] b[k, j] of matrices as nested arrays, in double precision. */
const product = (a: number[][], b: number[][]): number[][] =>
  a.map(row => b[0].map((_, j) => row.reduce((sum, value, k) => sum + value * b[k][j], 0)));

const flip = (matrix: number[][]): number[][] => matrix[0].map((_, j) => matrix.map(row => row[j]));

describe('matMul', () => {
  test.each([
    [false, false],
    [true, false],
    [false, true],
    [true, true],
  ])('of batches equals a plain loop, transposed: %s, %s', async (transposeA, transposeB) => {
    const a = normal<tf.Rank.R3>(transposeA ? [3, 53, 7] : [3, 7, 53], 1);
    const b = normal<tf.Rank.R3>(transposeB ? [3, 11, 53] : [3, 53, 11], 2);
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

  testOn('wasm')('of empty sides is zeros or nothing', async () => {
    await expectClose(tf.matMul(tf.ones([2, 3, 0]), tf.ones([2, 0, 5])), tf.zeros([2, 3, 5]));
    expect(tf.matMul(tf.zeros([0, 3, 4]), tf.zeros([0, 4, 5])).shape).toEqual([0, 3, 5]);
  });

  test('leaves nothing behind', () => {
    const [a, b] = [normal<tf.Rank.R3>([2, 3, 5], 6), normal<tf.Rank.R3>([2, 7, 5], 7)];
    expectTensorsKept(1, () => tf.matMul(a, b, false, true));
  });
});
