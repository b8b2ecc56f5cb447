import {describe, expect, test} from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';

import {type FavorPlusFeaturesOptions, favorPlusFeatures, orthogonalRandomFeatures} from '../../src/ops/index.js';
import {expectClose, expectGradientClose, expectTensorsKept, normal} from '../support/expect.js';
import {expectGolden, loadAttention, tensorsOf} from '../support/golden_layer.js';

const KERNELS = ['softmax', 'hyperbolic', 'relu', 'trigonometric'] as const;

describe('favorPlusFeatures', () => {
  test('worked example', async () => {
    const x = tf.tensor3d([[[1], [2]]]); // D = 1, so c = 1: u = x, h = x²/2
    const options = {epsilon: 0.5} as const;
    const omega = tf.tensor2d([[1]]);
    const [first, second] = [1, 2].map(x => Math.exp(x - (x * x) / 2 - 2) + 0.5); // the largest u of the keys is 2
    await expectClose(favorPlusFeatures(x, omega, options), [[[first], [second]]]);
  });

  test.each<[string, FavorPlusFeaturesOptions]>([
    ['favor_softmax_query', {isQuery: true, epsilon: 1e-4}],
    ['favor_softmax_key', {epsilon: 1e-4}],
    ['favor_relu', {kernel: 'relu'}],
    ['favor_hyperbolic', {kernel: 'hyperbolic', stabilizer: 'none', epsilon: 0}],
  ])('equals its source, %s', async (name, options) => {
    const golden = await loadAttention(name);
    const {x, projection} = tensorsOf(golden.inputs);
    const transposed = name === 'favor_hyperbolic';
    await expectGolden(golden, {x, projection}, ({x, projection}) =>
      favorPlusFeatures(x, (transposed ? tf.transpose(projection) : projection) as tf.Tensor2D, options),
    );
  });

  test('a function makes the generalised kernel', async () => {
    const x = normal([2, 3, 5], 1) as tf.Tensor;
    const omega = normal([7, 5], 2) as tf.Tensor2D;
    const own = (x: tf.Tensor) => favorPlusFeatures(x, omega, {kernel: u => tf.relu(u)});
    const relu = (x: tf.Tensor) => favorPlusFeatures(x, omega, {kernel: 'relu'});
    await expectClose(own(x), relu(x));
    await expectGradientClose(tf.grad(own)(x), tf.grad(relu)(x));
  });

  test('featureScaling of relu is inside the function', async () => {
    const x = normal([1, 3, 5], 1) as tf.Tensor;
    const omega = normal([4, 5], 2) as tf.Tensor2D;
    const [plain, scaled] = [false, true].map(featureScaling =>
      favorPlusFeatures(x, omega, {kernel: 'relu', epsilon: 0, featureScaling}),
    );
    await expectClose(scaled, tf.mul(plain, 0.5));
  });

  test.each(['softmax', 'hyperbolic', 'trigonometric'] as const)('%s estimates exp(q·k/√D)', async kernel => {
    const [q, k] = [normal([1, 4, 4], 1, 0.5), normal([1, 4, 4], 2, 0.5)] as tf.Tensor[];
    const omega = orthogonalRandomFeatures(2048, 4, {seed: 3});
    const features = (x: tf.Tensor, isQuery: boolean) =>
      favorPlusFeatures(x, omega, {kernel, isQuery, stabilizer: 'none', epsilon: 0});
    const estimate = await tf.matMul(features(q, true), features(k, false), false, true).data();
    const exact = await tf.exp(tf.mul(tf.matMul(q, k, false, true), 0.5)).data();
    for (let i = 0; i < exact.length; i++) expect(Math.abs(estimate[i] / exact[i] - 1)).toBeLessThan(0.1);
  });

  test.each(KERNELS)('padding does not enter features of %s, with gradients', async kernel => {
    const x = normal([1, 2, 3, 5], 1) as tf.Tensor;
    const omega = normal([4, 5], 2) as tf.Tensor2D;
    const mask = tf.tensor2d([[1, 1, 1, 0, 0]], [1, 5], 'int32');
    const padded = (x: tf.Tensor) => {
      const features = favorPlusFeatures(tf.concat([x, tf.fill([1, 2, 2, 5], 30)], 2), omega, {kernel, mask});
      return tf.slice(features, [0, 0, 0, 0], [1, 2, 3, features.shape[3] as number]);
    };
    const trimmed = (x: tf.Tensor) => favorPlusFeatures(x, omega, {kernel});
    await expectClose(padded(x), trimmed(x));
    await expectGradientClose(tf.grad(padded)(x), tf.grad(trimmed)(x));
  });

  test("stabilizer 'fixed' lets no key change another one, and large projections stay finite", async () => {
    const x = normal([1, 3, 128], 1, 4) as tf.Tensor;
    const omega = tf.mul(orthogonalRandomFeatures(8, 128, {seed: 1}), 2) as tf.Tensor2D;
    const options = {stabilizer: 'fixed', epsilon: 0} as const;
    const whole = favorPlusFeatures(tf.concat([x, tf.mul(x, 3)], 1), omega, options);
    await expectClose(tf.slice(whole, [0, 0, 0], [1, 3, 8]), favorPlusFeatures(x, omega, options));
    expect((await whole.data()).every(Number.isFinite)).toBe(true);
  });

  test('keeps one tensor', () => {
    const x = normal([1, 3, 4], 1) as tf.Tensor;
    const omega = normal([4, 4], 2) as tf.Tensor2D;
    for (const kernel of KERNELS) expectTensorsKept(1, () => favorPlusFeatures(x, omega, {kernel}));
  });

  test('says what it expected', () => {
    const x = tf.zeros([1, 2, 3]);
    expect(() => favorPlusFeatures(x, tf.zeros([4, 5]))).toThrow(
      'favorPlusFeatures: expected projection of shape [?, 3], received shape [4, 5].',
    );
    expect(() => favorPlusFeatures(x, tf.zeros([4, 3]), {kernel: 'trigonometric', epsilon: 1})).toThrow(
      "favorPlusFeatures: expected epsilon 0 for kernel 'trigonometric', received 1. Its features have signs.",
    );
    expect(() => favorPlusFeatures(x, tf.zeros([4, 3]), {kernel: 'gauss' as never})).toThrow(
      'expected kernel to be one of softmax, hyperbolic, relu, trigonometric',
    );
  });
});
