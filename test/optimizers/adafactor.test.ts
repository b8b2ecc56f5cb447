import {describe, expect, test} from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';

import {adafactor} from '../../src/optimizers/adafactor.js';
import {applyOne} from '../support/descend.js';
import {expectClose} from '../support/expect.js';

describe('Adafactor', () => {
  test('the first step is the sign, scaled to the variable', async () => {
    const x = tf.variable(tf.tensor1d([3, -4]));
    applyOne(adafactor(0.1), x, [2, -0.5]);
    const step = 0.1 * Math.sqrt(12.5);
    await expectClose(x, [3 - step, -4 + step]);
  });

  test('keeps row and column means of a large matrix only', async () => {
    const optimizer = adafactor(0.1, {minFactoredSize: 2});
    const x = tf.variable(tf.ones([3, 5]));
    optimizer.applyGradients([{name: x.name, tensor: tf.ones([3, 5])}]);
    const shapes = (await optimizer.getWeights()).slice(1).map(({tensor}) => tensor.shape);
    expect(shapes).toEqual([
      [3, 1],
      [1, 5],
    ]);
  });

  test('a factored moment of rank one is exact', async () => {
    const gradient = tf.mul(tf.tensor2d([1, 2, 3], [3, 1]), tf.tensor2d([1, -2], [1, 2]));
    const [factored, full] = [2, 128].map(minFactoredSize => {
      const x = tf.variable(tf.ones([3, 2]));
      const optimizer = adafactor(0.1, {minFactoredSize});
      for (let i = 0; i < 3; i++) optimizer.applyGradients([{name: x.name, tensor: gradient}]);
      return x;
    });
    await expectClose(factored, full);
  });

  test('says what it expects', () => {
    expect(() => adafactor(0.1, {beta1: 1})).toThrow('Adafactor: expected beta1 in [0, 1), received 1.');
  });
});
