import {describe, expect, test} from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';

import {DEPTHWISE_CONV1D, DEPTHWISE_CONV1D_KERNEL_GRADIENT} from '../../src/ops/depthwise_conv1d/name.js';
import {depthwiseConv1d} from '../../src/ops/index.js';
import {testOn} from '../support/backend.js';
import {expectClose, expectGradientClose, normal} from '../support/expect.js';
import {expectFusedIsComposed} from '../support/fused.js';

describe('depthwiseConv1d', () => {
  const x = () => tf.tensor3d([1, 2, 4, 8], [1, 4, 1]);
  const kernel = () => tf.tensor2d([[100], [10], [1]]);

  test.each([
    ['same', 1, [12, 124, 248, 480]],
    ['same', 2, [14, 28, 140, 280]],
    ['causal', 1, [1, 12, 124, 248]],
    ['causal', 2, [1, 2, 14, 28]],
  ] as const)('worked example: padding %s, dilation %i', async (padding, dilationRate, want) => {
    await expectClose(depthwiseConv1d(x(), kernel(), {padding, dilationRate}), tf.tensor3d([...want], [1, 4, 1]));
  });

  test.each(['same', 'causal'] as const)('is linear in both arguments, and its gradients say so: %s', async padding => {
    const [x, kernel, dy] = [normal([2, 5, 3], 1), normal([3, 3], 2), normal([2, 5, 3], 3)];
    const f = (x: tf.Tensor, kernel: tf.Tensor) =>
      tf.sum(tf.mul(depthwiseConv1d(x as never, kernel as never, {padding, dilationRate: 2}), dy));
    const {value, grads} = tf.valueAndGrads(f)([x, kernel]);
    await expectClose(tf.sum(tf.mul(grads[0], x)), value);
    await expectClose(tf.sum(tf.mul(grads[1], kernel)), value);
  });

  testOn('cpu', 'wasm').each([
    ['same', 1, 7],
    ['causal', 2, 7],
    ['same', 3, 1], // all taps but one read beyond the ends
    ['causal', 1, 150],
  ] as const)('the fused kernels equal composed ops: padding %s, dilation %i, %i tokens', async (...given) => {
    const [padding, dilationRate, length] = given;
    const [x, kernel, dy] = [normal([2, length, 5], 4), normal([3, 5], 5), normal([2, length, 5], 6)];
    const run = (x: tf.Tensor, kernel: tf.Tensor) =>
      depthwiseConv1d(x as tf.Tensor3D, kernel as tf.Tensor2D, {padding, dilationRate}) as tf.Tensor;
    await expectFusedIsComposed(DEPTHWISE_CONV1D, () => run(x, kernel));
    for (const i of [0, 1]) {
      await expectFusedIsComposed(DEPTHWISE_CONV1D_KERNEL_GRADIENT, () => tf.grads(run)([x, kernel], dy)[i]);
    }
  });

  test('second-order gradients go through: of a cubic, they are six times the values', async () => {
    const x = normal([1, 4, 1], 7);
    const kernel = tf.tensor2d([[0], [1], [0]]); // the identity
    const cubic = (x: tf.Tensor) => tf.sum(tf.pow(depthwiseConv1d(x as tf.Tensor3D, kernel), 3));
    await expectGradientClose(tf.grad((x: tf.Tensor) => tf.sum(tf.grad(cubic)(x)))(x), tf.mul(x, 6));
  });

  test('says what it expected', () => {
    expect(() => depthwiseConv1d(x(), tf.ones([2, 1]))).toThrow("expected an odd number of taps with padding 'same'");
  });
});
