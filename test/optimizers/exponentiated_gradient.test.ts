import {describe, expect, test} from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';

import {exponentiatedGradient} from '../../src/optimizers/exponentiated_gradient.js';
import {applyOne} from '../support/descend.js';
import {expectClose} from '../support/expect.js';

describe('ExponentiatedGradient', () => {
  test('worked examples', async () => {
    const weights = tf.variable(tf.tensor1d([1, 2]));
    applyOne(exponentiatedGradient(1), weights, [Math.log(2), -Math.log(3)]);
    await expectClose(weights, [0.5, 6]);

    const mixture = tf.variable(tf.tensor1d([0.25, 0.75]));
    applyOne(exponentiatedGradient(1, {domain: 'simplex'}), mixture, [-Math.log(3), 0]);
    await expectClose(mixture, [0.5, 0.5]);

    const signed = tf.variable(tf.tensor1d([0, Math.sinh(1)]));
    applyOne(exponentiatedGradient(1, {domain: 'signed'}), signed, [1, -1]);
    await expectClose(signed, [-Math.sinh(1), Math.sinh(2)]);
  });

  test('signed weights with a total share it', async () => {
    const weights = tf.variable(tf.tensor1d([0.2, -0.2, 0.3]));
    const optimizer = exponentiatedGradient(5, {domain: 'signed', total: 2});
    for (let i = 0; i < 20; i++) applyOne(optimizer, weights, [-1, 1, 0]);
    await expectClose(weights, [1, -1, 0]);
  });

  test('a weight that has underflowed comes back', async () => {
    const weights = tf.variable(tf.tensor1d([1, 1]));
    const optimizer = exponentiatedGradient(1);
    applyOne(optimizer, weights, [200, 0]);
    await expectClose(weights, [0, 1]);
    applyOne(optimizer, weights, [-200, 0]);
    await expectClose(weights, [1, 1]);
  });

  test('takes up a value that was written in between', async () => {
    const weights = tf.variable(tf.tensor1d([1, 1]));
    const optimizer = exponentiatedGradient(1);
    applyOne(optimizer, weights, [0, 0]);
    weights.assign(tf.tensor1d([4, 1]));
    applyOne(optimizer, weights, [Math.log(2), 0]);
    await expectClose(weights, [2, 1]);
  });

  test('says what it expects', () => {
    expect(() => exponentiatedGradient(1, {domain: 'x' as never})).toThrow(
      'ExponentiatedGradient: expected domain to be one of nonNegative, simplex, signed, received "x".',
    );
  });
});
