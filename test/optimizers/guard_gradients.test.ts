import {describe, expect, test} from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';

import {guardGradients} from '../../src/optimizers/guard_gradients.js';
import {BACKEND} from '../support/backend.js';
import {applyOne} from '../support/descend.js';
import {expectClose} from '../support/expect.js';

describe('GuardGradients', () => {
  test('skips steps that are not finite, and counts them', async () => {
    const x = tf.variable(tf.tensor1d([1, 1]));
    const optimizer = guardGradients(tf.train.sgd(1));
    for (const gradient of [
      [1, 1],
      [NaN, 1],
      [1, Infinity],
      [1, 1],
    ])
      applyOne(optimizer, x, gradient);
    await expectClose(x, [-1, -1]);
    expect(await optimizer.badSteps()).toBe(2);
  });

  test('throws where asked, naming the variable where it can', async () => {
    const x = tf.variable(tf.scalar(1));
    const optimizer = guardGradients(tf.train.sgd(1), {policy: 'throw'});
    applyOne(optimizer, x, 1);
    const bad = async () => {
      applyOne(optimizer, x, NaN);
      await optimizer.badSteps(); // on a GPU the news arrives with the values
      applyOne(optimizer, x, 1);
    };
    const named = ['cpu', 'wasm', 'tensorflow'].includes(BACKEND) ? `those of ${x.name}` : 'some that are not';
    await expect(bad()).rejects.toThrow(`GuardGradients: expected finite gradients in step 2, received ${named}.`);
    await expectClose(x, 0);
  });

  test('lets them pass where asked', async () => {
    const x = tf.variable(tf.scalar(1));
    const optimizer = guardGradients(tf.train.sgd(1), {policy: 'pass'});
    applyOne(optimizer, x, -Infinity);
    await expectClose(x, Infinity);
    expect(await optimizer.badSteps()).toBe(1);
  });

  test('says what it expects', () => {
    expect(() => guardGradients(tf.train.sgd(1), {policy: 'x' as never})).toThrow(
      'GuardGradients: expected policy to be one of skip, throw, pass, received "x".',
    );
  });
});
