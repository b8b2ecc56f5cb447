import {describe, expect, test} from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';

import {adaptStepSize} from '../../src/optimizers/adapt_step_size.js';
import {applyOne} from '../support/descend.js';
import {expectClose} from '../support/expect.js';

describe('AdaptStepSize', () => {
  test('worked example: gains grow by e^γ while signs agree', async () => {
    const x = tf.variable(tf.scalar(0));
    const optimizer = adaptStepSize(tf.train.sgd(1), {gainLearningRate: Math.log(2), scaleLearningRate: 0});
    for (const expected of [-1, -3, -7]) {
      applyOne(optimizer, x, 1);
      await expectClose(x, expected);
    }
  });

  test('gains shrink when the sign flips', async () => {
    const x = tf.variable(tf.scalar(0));
    const optimizer = adaptStepSize(tf.train.sgd(1), {gainLearningRate: Math.log(2), scaleLearningRate: 0});
    applyOne(optimizer, x, 1);
    applyOne(optimizer, x, -1);
    await expectClose(x, -0.5);
  });

  test('is the inner optimizer when nothing is learned', async () => {
    const [x, y] = [tf.variable(tf.scalar(1)), tf.variable(tf.scalar(1))];
    const optimizer = adaptStepSize(tf.train.momentum(0.1, 0.9), {gainLearningRate: 0, scaleLearningRate: 0});
    const inner = tf.train.momentum(0.1, 0.9);
    for (const gradient of [1, 2, -3]) {
      applyOne(optimizer, x, gradient);
      applyOne(inner, y, gradient);
    }
    await expectClose(x, y);
  });

  test('says what it expects', () => {
    expect(() => adaptStepSize(tf.train.sgd(1), {minGain: 2, maxGain: 1})).toThrow(
      'AdaptStepSize: expected minGain ≤ maxGain, neither negative, received {"minGain":2,"maxGain":1}.',
    );
  });
});
