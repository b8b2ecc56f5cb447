import {describe, test} from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';

import {swish} from '../../src/ops/index.js';
import {SWISH, SWISH_GRADIENT} from '../../src/ops/swish/name.js';
import {testOn} from '../support/backend.js';
import {expectClose, normal} from '../support/expect.js';
import {expectFusedIsComposed} from '../support/fused.js';

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

  testOn(
    'tensorflow',
    'wasm',
    'cpu',
    'webgpu',
  )('kernels equal composed ops', async () => {
    const x = tf.concat([normal([5, 7], 1), tf.fill([1, 7], 1e4), tf.fill([1, 7], -1e4)]); // 49, no multiple of 4
    const dy = normal([7, 7], 2);
    await expectFusedIsComposed(SWISH, () => swish(x));
    await expectFusedIsComposed(SWISH_GRADIENT, () => tf.grad((x: tf.Tensor) => swish(x))(x, dy));
  });
});
