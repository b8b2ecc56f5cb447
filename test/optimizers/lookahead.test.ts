import {describe, expect, test} from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';

import {lookahead} from '../../src/optimizers/lookahead.js';
import {applyOne, descend} from '../support/descend.js';
import {expectClose} from '../support/expect.js';

describe('Lookahead', () => {
  test('worked example: 3 → 2 → 1 → 0, drawn a third of the way from 3', async () => {
    const x = tf.variable(tf.scalar(3));
    const optimizer = lookahead(tf.train.sgd(0.5), {syncPeriod: 3, slowStepSize: 1 / 3});
    for (const expected of [2, 1, 2, 1, 0, 1]) {
      descend(optimizer, x);
      await expectClose(x, expected);
    }
  });

  test.each([
    {syncPeriod: 1, slowStepSize: 1},
    {syncPeriod: 5, slowStepSize: 1},
  ])('is the inner optimizer when %j', async args => {
    const x = tf.variable(tf.scalar(3));
    const optimizer = lookahead(tf.train.sgd(0.5), args);
    for (let i = 0; i < 5; i++) descend(optimizer, x);
    await expectClose(x, -2);
  });

  test('a variable without a gradient in the step, or one that came late, synchronises with the others', async () => {
    const [x, y] = [tf.variable(tf.scalar(3)), tf.variable(tf.scalar(3))];
    const optimizer = lookahead(tf.train.sgd(1), {syncPeriod: 3});
    applyOne(optimizer, x, 1);
    optimizer.applyGradients([x, y].map(({name}) => ({name, tensor: tf.scalar(1)})));
    applyOne(optimizer, x, 1);
    await expectClose(x, 1.5);
    await expectClose(y, 2.5);
  });

  test.each([
    ['maintain', 1.5],
    ['reset', 1],
    ['pullback', 1.25],
  ] as const)('inner state %s', async (innerState, lastStep) => {
    const x = tf.variable(tf.scalar(0));
    const optimizer = lookahead(tf.train.momentum(1, 0.5), {syncPeriod: 1, slowStepSize: 0.5, innerState});
    applyOne(optimizer, x, 1);
    const before = (await x.data())[0];
    applyOne(optimizer, x, 1);
    await expectClose(x, before - lastStep / 2);
  });

  test('shows and takes back the slow weights', async () => {
    const x = tf.variable(tf.scalar(3));
    const optimizer = lookahead(tf.train.sgd(0.5));
    for (let i = 0; i < 2; i++) descend(optimizer, x);
    optimizer.swapToSlow();
    await expectClose(x, 3);
    expect(() => descend(optimizer, x)).toThrow('Lookahead: expected restoreFast() before the next step');
    optimizer.restoreFast();
    await expectClose(x, 1);
    optimizer.synchronize();
    await expectClose(x, 2);
  });

  test('says what it expects', () => {
    const make = (args: object) => () => lookahead(tf.train.sgd(1), args);
    expect(make({syncPeriod: 2.5})).toThrow('Lookahead: expected syncPeriod to be a positive integer, received 2.5.');
    expect(make({slowStepSize: 0})).toThrow('Lookahead: expected slowStepSize in (0, 1], received 0.');
    expect(() => lookahead(tf.train.sgd(1)).swapToSlow()).toThrow('Lookahead: expected a step before swapToSlow()');
    expect(() => lookahead(tf.train.sgd(1)).restoreFast()).toThrow(
      'Lookahead: expected swapped weights, received "none"',
    );
  });
});
