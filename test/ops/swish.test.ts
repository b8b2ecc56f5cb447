import {describe, test} from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';

import {swish} from '../../src/ops/index.js';
import {expectClose} from '../support/expect.js';

describe('swish', () => {
  test('worked example, gradient and second order', async () => {
    const x = tf.tensor1d([-200, -1, 0, 2, 200]);
    const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));
    const slope = (x: number) => sigmoid(x) * (1 + x * (1 - sigmoid(x)));
    const curve = (x: number) => sigmoid(x) * (1 - sigmoid(x)) * (2 + x * (1 - 2 * sigmoid(x)));
    const values = Array.from(await x.data());
    await expectClose(
      swish(x),
      values.map(x => x * sigmoid(x)),
    );
    await expectClose(tf.grad(swish)(x), values.map(slope));
    await expectClose(tf.grad((x: tf.Tensor) => tf.sum(tf.grad(swish)(x)))(x), values.map(curve), 'gradient');
  });
});
