import {describe, expect, test} from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';

import {setUpTfjs} from '../../../src/internal/setup.js';
import {testOn} from '../../support/backend.js';
import {expectClose, expectGradientClose, expectTensorsKept} from '../../support/expect.js';

setUpTfjs();

const counted = (shape: number[], dtype: 'float32' | 'int32' = 'float32'): tf.Tensor =>
  tf.tensor(
    Array.from({length: tf.util.sizeFromShape(shape)}, (_, i) => i),
    shape,
    dtype,
  );

/** The part of `counted(shape)` by its definition. */
function expectedPart(shape: number[], begin: number[], size: number[]): number[] {
  const strides = shape.map((_, i) => tf.util.sizeFromShape(shape.slice(i + 1)));
  return Array.from({length: tf.util.sizeFromShape(size)}, (_, n) => {
    const steps = size.map((_, i) => Math.floor(n / tf.util.sizeFromShape(size.slice(i + 1))) % size[i]);
    return steps.reduce((sum, step, i) => sum + (begin[i] + step) * strides[i], 0);
  });
}

describe('slice', () => {
  test.each([
    [[7], [2], [3]],
    [
      [5, 7],
      [1, 2],
      [3, 4],
    ],
    [
      [5, 7],
      [2, 0],
      [2, 7],
    ],
    [
      [3, 5, 7],
      [1, 1, 6],
      [2, 3, 1],
    ],
    [
      [3, 5, 67],
      [0, 2, 1],
      [3, 2, 65],
    ],
    [
      [2, 3, 5, 7],
      [1, 0, 2, 3],
      [1, 3, 2, 4],
    ],
    [
      [2, 3, 5, 2, 3],
      [0, 1, 2, 0, 1],
      [2, 2, 3, 2, 1],
    ],
    [
      [3, 5],
      [1, 2],
      [2, 0],
    ],
  ])('of %j from %j, %j', async (shape, begin, size) => {
    const expected = tf.tensor(expectedPart(shape, begin, size), size);
    await expectClose(tf.slice(counted(shape), begin, size), expected);
    const part = tf.slice(counted(shape, 'int32'), begin, size);
    expect(part.dtype).toBe('int32');
    await expectClose(tf.cast(part, 'float32'), expected);
  });

  test('takes the rest for a size of −1, and keeps booleans', async () => {
    await expectClose(tf.slice(counted([3, 5]), [1, 2], [-1, -1]), [
      [7, 8, 9],
      [12, 13, 14],
    ]);
    const flags = tf.tensor2d([1, 0, 0, 1, 1, 0], [2, 3], 'bool');
    expect([...(await tf.slice(flags, [0, 1], [2, 2]).data())]).toEqual([0, 0, 1, 0]);
  });

  test('split gives the parts in order, with gradients', async () => {
    const x = counted([3, 5]);
    const [left, right] = tf.split(x, [4, 1], 1);
    await expectClose(left, tf.slice(x, [0, 0], [3, 4]));
    await expectClose(right, [[4], [9], [14]]);
    const gradient = tf.grad(x => tf.sum(tf.mul(tf.split(x, [4, 1], 1)[1], 2)))(x);
    await expectGradientClose(gradient, tf.tensor2d([0, 0, 0, 0, 2, 0, 0, 0, 0, 2, 0, 0, 0, 0, 2], [3, 5]));
    expectTensorsKept(2, () => tf.split(x, [4, 1], 1));
  });

  testOn('cpu', 'wasm')('takes a part of strings', async () => {
    const words = tf.tensor2d(['a', 'b', 'c', 'd', 'e', 'f'], [2, 3], 'string');
    expect([...(await tf.slice(words, [0, 1], [2, 2]).data())]).toEqual(['b', 'c', 'e', 'f'] as never);
  });

  testOn('wasm')('does not copy the tensor that it takes a part of', () => {
    const backend = tf.backend() as unknown as {readSync(...args: unknown[]): unknown};
    const {readSync} = backend;
    const x = counted([3, 5]);
    let reads = 0;
    backend.readSync = (...args) => {
      reads++;
      return readSync.apply(backend, args);
    };
    try {
      tf.slice(x, [0, 1], [3, 2]);
      tf.split(x, 5, 1);
    } finally {
      Reflect.deleteProperty(backend, 'readSync');
    }
    expect(reads).toBe(0);
  });
});
