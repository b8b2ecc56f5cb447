import {describe, expect, test} from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';

import {lamb} from '../../src/optimizers/lamb.js';
import {applyOne} from '../support/descend.js';
import {expectClose} from '../support/expect.js';

describe('Lamb', () => {
  test('worked example: the first step is η ‖θ‖ long', async () => {
    const x = tf.variable(tf.tensor1d([3, 4]));
    applyOne(lamb(0.1), x, [7, -7]); // direction (1, −1), of length √2
    const step = (0.1 * 5) / Math.SQRT2;
    await expectClose(x, [3 - step, 4 + step]);
  });

  test('starts from zero weights, and takes zero gradients', async () => {
    const x = tf.variable(tf.tensor1d([0, 0]));
    const optimizer = lamb(0.1);
    applyOne(optimizer, x, [0, 0]);
    await expectClose(x, [0, 0]);
    applyOne(optimizer, x, [1, 1]);
    expect(Array.from(await x.data()).every(value => value < 0)).toBe(true);
  });

  test('says what it expects', () => {
    expect(() => lamb(0.1, {epsilon: 0})).toThrow('Lamb: expected epsilon in (0, Infinity), received 0.');
  });
});
