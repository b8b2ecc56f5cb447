import {describe, expect, test} from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';

import {gaussianBhattacharyya, gaussianKl, gaussianWasserstein} from '../../src/ops/gaussian_divergences/index.js';
import {goldenLoss} from '../losses/golden_loss.js';
import {expectDerivatives} from '../support/derivatives.js';
import {expectClose, expectGradientClose, expectTensorsKept, normal} from '../support/expect.js';
import {loadGolden} from '../support/golden.js';

const DIVERGENCES = {
  kl: gaussianKl,
  bhattacharyya: gaussianBhattacharyya,
  wasserstein2Squared: gaussianWasserstein,
} as const;
const NAMES = Object.keys(DIVERGENCES) as (keyof typeof DIVERGENCES)[];

describe('Gaussian divergences', () => {
  test.each(NAMES)('gaussian_diag, %s', async name => {
    const {inputs, outputs, grads} = await goldenLoss('gaussian_diag');
    const keys = ['mean1', 'logVar1', 'mean2', 'logVar2'];
    const run = (mean1: tf.Tensor, logVar1: tf.Tensor, mean2: tf.Tensor, logVar2: tf.Tensor) =>
      DIVERGENCES[name]({mean: mean1, logVar: logVar1}, {mean: mean2, logVar: logVar2});
    const arrays = keys.map(key => inputs[key]) as Parameters<typeof run>;
    await expectClose(run(...arrays), outputs[name]);
    const gradients = tf.grads((...x) => tf.sum(run(...(x as typeof arrays))))(arrays);
    for (const [i, key] of keys.entries()) {
      await expectGradientClose(gradients[i], grads[`${name}/${key}`] ?? tf.zerosLike(arrays[i]));
    }
  });

  test('gaussian_diag, to the standard normal distribution', async () => {
    const {inputs, outputs} = await goldenLoss('gaussian_diag');
    await expectClose(gaussianKl({mean: inputs.mean1, logVar: inputs.logVar1}), outputs.klToStandardNormal);
  });

  test.each(NAMES)('gaussian_full, %s', async name => {
    const {inputs, outputs, grads} = await goldenLoss('gaussian_full');
    const keys = ['mean1', 'cov1', 'mean2', 'cov2'];
    const run = (mean1: tf.Tensor, cov1: tf.Tensor, mean2: tf.Tensor, cov2: tf.Tensor) =>
      DIVERGENCES[name]({mean: mean1, covariance: cov1}, {mean: mean2, covariance: cov2});
    const arrays = keys.map(key => inputs[key]) as Parameters<typeof run>;
    await expectClose(run(...arrays), outputs[name]);
    const gradients = tf.grads((...x) => tf.sum(run(...(x as typeof arrays))))(arrays);
    for (const [i, key] of keys.entries()) {
      const want = grads[`${name}/${key}`];
      if (want !== undefined) await expectGradientClose(gradients[i], want);
    }
  });

  test('companion values, one matrix without a batch', async () => {
    const {gaussian} = await loadGolden<{gaussian: Record<string, never>}>('companions_values');
    const values = gaussian as never as Record<string, number[] & number[][] & number>;
    const [p, q] = ['p', 'q'].map(name => ({
      mean: tf.tensor1d(values[`mu_${name}`]),
      covariance: tf.tensor2d(values[`S_${name}`]),
    }));
    await expectClose(gaussianKl(p, q), tf.scalar(values.KL_pq));
    await expectClose(gaussianKl(q, p), tf.scalar(values.KL_qp));
    await expectClose(gaussianBhattacharyya(p, q), tf.scalar(values.BD));
    await expectClose(gaussianWasserstein(p, q), tf.scalar(values.W2_squared));
  });

  test('are 0 for equal distributions, and the diagonal form is the full one', async () => {
    const p = {mean: normal([2, 3], 1), logVar: normal([2, 3], 2)};
    const q = {mean: normal([2, 3], 3), logVar: normal([2, 3], 4)};
    const full = ({mean, logVar}: typeof p) => ({
      mean,
      covariance: tf.mul(tf.expandDims(tf.exp(logVar), 1), tf.eye(3)),
    });
    for (const name of NAMES) {
      await expectClose(DIVERGENCES[name](p, p), [0, 0]);
      await expectClose(DIVERGENCES[name](full(p), full(q)), DIVERGENCES[name](p, q));
    }
    expectTensorsKept(1, () => gaussianKl(p));
  });

  test.each(NAMES)('analytic gradient, against its tape and differences, first and second order: %s', async name => {
    const diagonal = (x: tf.Tensor) => {
      const [mean, logVar, otherMean, otherLogVar] = tf.unstack(x, 0);
      return tf.sum(DIVERGENCES[name]({mean, logVar}, {mean: otherMean, logVar: otherLogVar}));
    };
    await expectDerivatives(diagonal, normal([4, 2, 3], 5), normal([4, 2, 3], 6, 0.5));
    const full = (x: tf.Tensor) => {
      const [p, q] = tf.unstack(x, 0).map(x => {
        const [mean, ...columns] = tf.unstack(x, 1);
        const root = tf.stack(columns, 1) as tf.Tensor3D;
        return {mean, covariance: tf.add(tf.matMul(root, root, false, true), tf.eye(3))};
      });
      return tf.sum(DIVERGENCES[name](p, q));
    };
    await expectDerivatives(full, normal([2, 2, 4, 3], 7, 0.5), normal([2, 2, 4, 3], 8, 0.5));
  });

  test('no gradient reaches log variances beyond ±30', async () => {
    const logVar = tf.tensor1d([-31, 0.5, 31]);
    for (const name of NAMES) {
      const of = (logVar: tf.Tensor) =>
        DIVERGENCES[name]({mean: tf.zeros([3]), logVar}, {mean: tf.ones([3]), logVar: tf.ones([3])});
      const [low, middle, high] = await tf.grad(of)(logVar).data();
      expect([low, high].map(Math.abs)).toEqual([0, 0]);
      expect(middle).not.toBe(0);
    }
  });

  test('name what does not fit', () => {
    const mean = tf.zeros([2, 3]);
    expect(() => gaussianKl({mean, covariance: tf.zeros([2, 3, 3])})).toThrow(
      'gaussianKl: expected a second distribution beside a full covariance, received undefined.',
    );
    expect(() => gaussianKl({mean, logVar: tf.zeros([2, 2])})).toThrow('the first logVar of shape [2, 3]');
    expect(() => gaussianWasserstein({mean, logVar: mean}, {mean, covariance: tf.zeros([2, 3, 3])})).toThrow(
      'gaussianWasserstein: expected logVar in both or covariance in both',
    );
  });
});
