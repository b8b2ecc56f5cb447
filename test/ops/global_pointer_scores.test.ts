import {describe, expect, test} from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';

import {globalPointerScores} from '../../src/ops/index.js';
import {expectClose, expectTensorsKept, normal} from '../support/expect.js';

describe('globalPointerScores', () => {
  test('worked example', async () => {
    const q = tf.tensor4d([1, 2], [1, 1, 2, 1]);
    const scores = globalPointerScores(q, tf.mul(q, 10), {scale: 0.5, maskValue: -(2 ** 20)});
    await expectClose(scores, [
      [
        [
          [5, 10],
          [10 - 2 ** 20, 20],
        ],
      ],
    ]);
  });

  test('blank cells are about maskValue, exactly −1e12 by default, and pass no gradient', async () => {
    const q = normal([1, 2, 3, 4], 1) as tf.Tensor4D;
    const mask = tf.tensor2d([1, 1, 0], [1, 3], 'int32');
    const {value, grad} = tf.valueAndGrad((q: tf.Tensor4D) => globalPointerScores(q, q, {mask}))(q);
    const cells = Array.from(await tf.slice(value, [0, 0, 0, 0], [1, 1, 3, 3]).data());
    expect(cells.map(cell => cell === Math.fround(-1e12))).toEqual([
      false,
      false,
      true,
      true,
      false,
      true,
      true,
      true,
      true,
    ]);
    await expectClose(tf.slice(grad, [0, 0, 2, 0], [1, 2, 1, 4]), tf.zeros([1, 2, 1, 4]));
  });

  test('keeps one tensor: the result', () => {
    const q = tf.ones([1, 2, 3, 4]) as tf.Tensor4D;
    expectTensorsKept(1, () => globalPointerScores(q, q));
  });

  test('says what it expected', () => {
    expect(() => globalPointerScores(tf.ones([1, 2, 3, 4]), tf.ones([1, 2, 3, 5]))).toThrow(
      'globalPointerScores: expected k of shape [1, 2, 3, 4], received shape [1, 2, 3, 5].',
    );
  });
});
