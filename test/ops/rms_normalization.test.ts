import {describe, test} from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';

import {rmsNormalization} from '../../src/ops/index.js';
import {expectClose, expectGradientClose, normal} from '../support/expect.js';

describe('rmsNormalization', () => {
  test('worked example', async () => {
    await expectClose(rmsNormalization(tf.tensor2d([[3, 4]])), [[3 / Math.sqrt(12.5), 4 / Math.sqrt(12.5)]]);
  });

  test('has the gradients of composed ops', async () => {
    const [x, gamma] = [normal([2, 3, 5], 1), normal([5], 2)];
    const composed = (x: tf.Tensor, gamma: tf.Tensor) =>
      tf.mul(tf.mul(x, tf.rsqrt(tf.add(tf.mean(tf.square(x), -1, true), 1e-3))), gamma);
    const ours = (x: tf.Tensor, gamma: tf.Tensor) => rmsNormalization(x, {gamma: gamma as tf.Tensor1D, epsilon: 1e-3});
    const dy = normal([2, 3, 5], 3);
    const [got, want] = [ours, composed].map(f => tf.valueAndGrads(f)([x, gamma], dy));
    await expectClose(got.value, want.value);
    for (const [i, gradient] of got.grads.entries()) await expectGradientClose(gradient, want.grads[i]);
  });
});
