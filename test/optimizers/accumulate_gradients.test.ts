import {describe, expect, test} from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';

import {accumulateGradients} from '../../src/optimizers/accumulate_gradients.js';
import {applyOne, descend} from '../support/descend.js';
import {expectClose} from '../support/expect.js';

describe('AccumulateGradients', () => {
  test('worked example: moves once in three, by the mean', async () => {
    const x = tf.variable(tf.scalar(3));
    const optimizer = accumulateGradients(tf.train.sgd(1), {steps: 3});
    for (const [gradient, expected] of [
      [1, 3],
      [2, 3],
      [6, 0],
      [1, 0],
    ]) {
      applyOne(optimizer, x, gradient);
      await expectClose(x, expected);
    }
  });

  test('is the inner optimizer for one step a group', async () => {
    const x = tf.variable(tf.scalar(3));
    descend(accumulateGradients(tf.train.sgd(0.5), {steps: 1}), x);
    await expectClose(x, 2);
  });

  test('flush applies the mean of what is there, drop forgets it', async () => {
    const x = tf.variable(tf.scalar(3));
    const optimizer = accumulateGradients(tf.train.sgd(1), {steps: 3});
    applyOne(optimizer, x, 1);
    applyOne(optimizer, x, 3);
    optimizer.flush();
    await expectClose(x, 1);
    optimizer.flush();
    applyOne(optimizer, x, 7);
    optimizer.drop();
    for (let i = 0; i < 3; i++) applyOne(optimizer, x, 1);
    await expectClose(x, 0);
  });

  test('says what it expects', () => {
    expect(() => accumulateGradients(tf.train.sgd(1), {steps: 0})).toThrow(
      'AccumulateGradients: expected steps to be a positive integer, received 0.',
    );
    expect(() => accumulateGradients(null as never, {steps: 2})).toThrow(
      'AccumulateGradients: expected an optimizer as its first argument, received null. Write accumulateGradients(',
    );
  });
});
