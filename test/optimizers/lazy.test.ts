import {describe, expect, test} from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';

import {lazy} from '../../src/optimizers/lazy.js';
import {applyOne} from '../support/descend.js';
import {expectClose} from '../support/expect.js';

describe('Lazy', () => {
  test('worked example: momentum moves a row only where its gradient is', async () => {
    const x = tf.variable(tf.zeros([2, 2]), true, `lazy/embeddings-${Math.random()}`);
    const optimizer = lazy(tf.train.momentum(1, 0.5), {variables: [x]});
    applyOne(optimizer, x, [1, 0, 0, 0]);
    await expectClose(x, [
      [-1, 0],
      [0, 0],
    ]);
    applyOne(optimizer, x, [0, 0, 0, 4]); // row 0 keeps its place while its momentum falls to 0.5
    await expectClose(x, [
      [-1, 0],
      [0, -4],
    ]);
    applyOne(optimizer, x, [1, 0, 0, 0]);
    await expectClose(x, [
      [-2.25, 0],
      [0, -4],
    ]);
  });

  test('leaves other variables to the inner optimizer', async () => {
    const x = tf.variable(tf.zeros([2, 2]));
    const optimizer = lazy(tf.train.momentum(1, 0.5));
    applyOne(optimizer, x, [1, 0, 0, 0]);
    applyOne(optimizer, x, [0, 0, 0, 4]);
    await expectClose(x, [
      [-1.5, 0],
      [0, -4],
    ]);
  });

  test('says what it expects', () => {
    expect(() => lazy(tf.train.sgd(1), {variables: []})).toThrow('Lazy: expected a list of variables, received [].');
  });
});
