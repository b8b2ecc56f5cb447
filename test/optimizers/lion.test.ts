import {describe, expect, test} from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';

import {lion} from '../../src/optimizers/lion.js';
import {applyOne} from '../support/descend.js';
import {expectClose} from '../support/expect.js';

describe('Lion', () => {
  test('worked example: steps of the learning rate, and the decay', async () => {
    const x = tf.variable(tf.tensor1d([1, -2, 0]));
    applyOne(lion(0.1, {weightDecay: 0.5}), x, [3, -1e-3, 0]);
    await expectClose(x, [0.95 - 0.1, -1.9 + 0.1, 0]);
  });

  test('the direction comes from the momentum, too', async () => {
    const x = tf.variable(tf.scalar(0));
    const optimizer = lion(1, {beta1: 0.9, beta2: 0.9});
    applyOne(optimizer, x, 10); // m = 1
    applyOne(optimizer, x, -1); // 0.9 · 1 − 0.1 · 1 > 0
    await expectClose(x, -2);
  });

  test('says what it expects', () => {
    expect(() => lion(0.1, {weightDecay: -1})).toThrow('Lion: expected weightDecay in [0, Infinity), received -1.');
  });
});
