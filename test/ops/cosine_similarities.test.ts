import {describe, expect, test} from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';

import {cosineSimilarities} from '../../src/ops/index.js';
import {expectClose, expectTensorsKept, normal} from '../support/expect.js';

describe('cosineSimilarities', () => {
  test('worked example', async () => {
    const kernel = tf.tensor2d([
      [2, 0],
      [0, -5],
    ]);
    await expectClose(cosineSimilarities(tf.tensor2d([[3, 4]]), kernel), [[0.6, -0.8]]);
  });

  test('lengths do not matter', async () => {
    const [x, kernel] = [normal([2, 3, 5], 1), normal([5, 7], 2) as tf.Tensor2D];
    await expectClose(cosineSimilarities(tf.mul(x, 100), tf.mul(kernel, 0.01)), cosineSimilarities(x, kernel));
  });

  test('a zero vector has the cosine 0 and finite gradients', async () => {
    const kernel = normal([3, 2], 1) as tf.Tensor2D;
    const {value, grad} = tf.valueAndGrad((x: tf.Tensor) => tf.sum(cosineSimilarities(x, kernel)))(tf.zeros([1, 3]));
    expect((await value.data())[0]).toBe(0);
    expect((await grad.data()).every(Number.isFinite)).toBe(true);
  });

  test('keeps one tensor: the result', () => {
    const [x, kernel] = [tf.ones([2, 3]), tf.ones([3, 4]) as tf.Tensor2D];
    expectTensorsKept(1, () => cosineSimilarities(x, kernel));
  });

  test('says what it expected', () => {
    expect(() => cosineSimilarities(tf.ones([2, 3]), tf.ones([4, 5]))).toThrow(
      'cosineSimilarities: expected the last axis of x of shape [4]',
    );
  });
});
