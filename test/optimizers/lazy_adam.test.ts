import {describe, expect, test} from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';

import {lazyAdam} from '../../src/optimizers/lazy_adam.js';
import {applyOne} from '../support/descend.js';
import {expectClose} from '../support/expect.js';

describe('LazyAdam', () => {
  test('worked example: untouched rows keep value and moments', async () => {
    const x = tf.variable(tf.zeros([2, 2]), true, `a${Math.random()}/embeddings`);
    const optimizer = lazyAdam(0.1);
    applyOne(optimizer, x, [1, 1, 0, 0]);
    await expectClose(x, [
      [-0.1, -0.1],
      [0, 0],
    ]);
    applyOne(optimizer, x, [0, 0, 2, 2]);
    const [m, v] = (await optimizer.getWeights()).slice(1).map(({tensor}) => tensor);
    await expectClose(m, [
      [0.1, 0.1],
      [0.2, 0.2],
    ]);
    await expectClose(v, [
      [1e-3, 1e-3],
      [4e-3, 4e-3],
    ]);
  });

  test('is ordinary Adam on other variables', async () => {
    const x = tf.variable(tf.zeros([2, 2]));
    const optimizer = lazyAdam(0.1);
    applyOne(optimizer, x, [1, 1, 0, 0]);
    applyOne(optimizer, x, [0, 0, 2, 2]);
    const values = Array.from(await x.data());
    expect(values[0]).toBeLessThan(-0.15); // moved on by its moments
  });

  test('says what it expects', () => {
    expect(() => lazyAdam(0.1, {beta2: -1})).toThrow('LazyAdam: expected beta2 in [0, 1), received -1.');
  });
});
