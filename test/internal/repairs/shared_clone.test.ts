import {describe, expect, test} from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';

import {setUpTfjs} from '../../../src/internal/setup.js';
import {testOn} from '../../support/backend.js';
import {expectClose, expectTensorsKept} from '../../support/expect.js';

setUpTfjs();

describe('clone', () => {
  testOn('wasm', 'cpu')('shares the memory of its source', () => {
    const x = tf.tensor1d([1, 2]);
    expect(tf.clone(x).dataId).toBe(x.dataId);
  });

  test('outlives its source, and the other way round', async () => {
    const x = tf.tensor1d([1, 2]);
    const [first, second] = [tf.clone(x), tf.clone(x)];
    first.dispose();
    await expectClose(x, [1, 2]);
    x.dispose();
    await expectClose(second, [1, 2]);
  });

  test('of a variable keeps the old value when the variable is assigned', async () => {
    const variable = tf.variable(tf.tensor1d([1, 2]));
    const before = tf.clone(variable);
    variable.assign(tf.tensor1d([3, 4]));
    await expectClose(before, [1, 2]);
    await expectClose(variable, [3, 4]);
  });

  test('leaves no tensor of a gradient behind', () => {
    const x = tf.tensor1d([1, 2]);
    expectTensorsKept(1, () => tf.grad(x => tf.sum(tf.square(tf.clone(x))))(x));
  });
});
