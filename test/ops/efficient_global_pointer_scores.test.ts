import {describe, expect, test} from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';

import {efficientGlobalPointerScores} from '../../src/ops/index.js';
import {expectClose, expectTensorsKept} from '../support/expect.js';

describe('efficientGlobalPointerScores', () => {
  test('worked example: span score + score of the end + score of the start', async () => {
    const q = tf.tensor3d([1, 2], [1, 2, 1]);
    const bias = tf.tensor3d([0.1, 10, 0.2, 20], [1, 2, 2]); // even channel: end, odd: start
    const scores = efficientGlobalPointerScores(q, q, bias, {scale: 1, trilMask: false});
    await expectClose(scores, [
      [
        [
          [1 + 0.1 + 10, 2 + 0.2 + 10],
          [2 + 0.1 + 20, 4 + 0.2 + 20],
        ],
      ],
    ]);
  });

  test('keeps one tensor: the result', () => {
    const q = tf.ones([1, 3, 4]) as tf.Tensor3D;
    const bias = tf.ones([1, 3, 4]) as tf.Tensor3D;
    expectTensorsKept(1, () => efficientGlobalPointerScores(q, q, bias));
  });

  test('says what it expected', () => {
    expect(() => efficientGlobalPointerScores(tf.ones([1, 3, 4]), tf.ones([1, 3, 4]), tf.ones([1, 3, 5]))).toThrow(
      'efficientGlobalPointerScores: expected bias with two channels a type, received float32 of shape [1, 3, 5].',
    );
  });
});
