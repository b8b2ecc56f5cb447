import {describe, expect, test} from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';

import {egStepSize} from '../../src/optimizers/eg_step_size.js';
import {applyOne} from '../support/descend.js';
import {expectClose} from '../support/expect.js';

describe('EgStepSize', () => {
  test("worked example of 'simple': ν ← ν exp(γ g_before g)", async () => {
    const x = tf.variable(tf.scalar(0));
    const optimizer = egStepSize(1, {form: 'simple', gainLearningRate: Math.log(2)});
    for (const expected of [-1, -3, -7]) {
      applyOne(optimizer, x, 1);
      await expectClose(x, expected);
    }
    applyOne(optimizer, x, -1); // the gain falls back from 4 to 2
    await expectClose(x, -5);
  });

  test('is momentum when nothing is learned', async () => {
    const [x, y] = [tf.variable(tf.scalar(1)), tf.variable(tf.scalar(1))];
    const optimizer = egStepSize(0.1, {gainLearningRate: 0, scaleLearningRate: 0});
    const momentum = tf.train.momentum(0.1, 0.9);
    for (const gradient of [1, 2, -3]) {
      applyOne(optimizer, x, gradient);
      applyOne(momentum, y, gradient);
    }
    await expectClose(x, y);
  });

  test('huge gradients give no NaN', async () => {
    const x = tf.variable(tf.tensor1d([0, 0]));
    const optimizer = egStepSize(1e-20, {form: 'paper', maxGain: 100, maxScale: 10});
    for (let i = 0; i < 3; i++) applyOne(optimizer, x, [1e10, -1e10]);
    expect(Array.from(await x.data()).every(Number.isFinite)).toBe(true);
  });

  test('works on scalars, which lingvo does not', async () => {
    const x = tf.variable(tf.scalar(3));
    const optimizer = egStepSize(1e-3, {momentum: 0, gainLearningRate: 0.5});
    for (let i = 0; i < 30; i++) optimizer.minimize(() => tf.square(x) as tf.Scalar, false, [x]);
    expect((await x.data())[0]).toBeLessThan(1);
  });

  test('says what it expects', () => {
    expect(() => egStepSize(1, {form: 'x' as never})).toThrow(
      'EgStepSize: expected form to be one of egdd, paper, simple, received "x".',
    );
    expect(() => egStepSize(1, {initialGain: 200})).toThrow(
      'EgStepSize: expected initialGain in [0.01, 100], received 200.',
    );
  });
});
