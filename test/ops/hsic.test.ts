import {describe, expect, test} from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';

import {type HsicEstimator, hsic} from '../../src/ops/hsic/index.js';
import {goldenLoss} from '../losses/golden_loss.js';
import {expectDerivatives} from '../support/derivatives.js';
import {expectClose, expectGradientClose, expectTensorsKept, normal} from '../support/expect.js';
import {loadGolden} from '../support/golden.js';

const ESTIMATORS: HsicEstimator[] = ['biased', 'unbiased', 'normalized'];

describe('hsic', () => {
  test.each(ESTIMATORS)('hsic_rbf, %s', async estimator => {
    const {config, inputs, outputs, grads} = await goldenLoss('hsic_rbf');
    const options = {sigmaX: config.sigmaX as number, sigmaY: config.sigmaY as number, estimator};
    const [x, y] = [inputs.x, inputs.y] as tf.Tensor2D[];
    await expectClose(hsic(x, y, options), outputs[estimator]);
    const [forX, forY] = tf.grads((x: tf.Tensor, y: tf.Tensor) => hsic(x as tf.Tensor2D, y as tf.Tensor2D, options))([
      x,
      y,
    ]);
    for (const [gradient, name] of [
      [forX, 'x'],
      [forY, 'y'],
    ] as const) {
      const want = grads[`${estimator}/${name}`];
      if (want !== undefined) await expectGradientClose(gradient, want);
    }
  });

  test('companion values, whose kernel has no 2', async () => {
    const {hsic: values} = await loadGolden<{hsic: Record<string, number[]> & Record<string, number>}>(
      'companions_values',
    );
    const [x, y] = [values.x, values.y].map(column => tf.tensor2d(column as number[], [4, 1]));
    const sigmas = {sigmaX: Math.SQRT1_2, sigmaY: Math.SQRT1_2};
    const want: Record<HsicEstimator, number> = {
      biased: values['blog_1/(n-1)^2'],
      unbiased: values.song2012_unbiased,
      normalized: values.cka,
    };
    for (const estimator of ESTIMATORS)
      await expectClose(hsic(x, y, {...sigmas, estimator}), tf.scalar(want[estimator]));
    for (const estimator of ESTIMATORS) {
      await expectClose(hsic(tf.ones([4, 1]), y, {...sigmas, estimator}), tf.scalar(0));
    }
  });

  test('is symmetric; the alignment of x with itself is 1', async () => {
    const [x, y] = [normal([5, 2], 1), normal([5, 3], 2)] as tf.Tensor2D[];
    for (const estimator of ESTIMATORS) await expectClose(hsic(x, y, {estimator}), hsic(y, x, {estimator}));
    await expectClose(hsic(x, x, {estimator: 'normalized'}), tf.scalar(1));
  });

  test.each(ESTIMATORS)(
    'analytic gradient, against its tape and differences, first and second order: %s',
    async name => {
      const of = (both: tf.Tensor) => {
        const [x, y] = tf.split(both, [2, 3], 1) as tf.Tensor2D[];
        return tf.mul(hsic(x, y, {estimator: name, sigmaX: 1.5}), 10);
      };
      await expectDerivatives(of, normal([7, 5], 3), normal([7, 5], 4, 0.5));
    },
  );

  test('is the same far from the origin', async () => {
    const [x, y] = [normal([6, 2], 1), normal([6, 2], 2)] as tf.Tensor2D[];
    await expectClose(hsic(tf.add(x, 64), y), hsic(tf.sub(tf.add(x, 64), 64), y));
  });

  test('keeps one tensor, and names what does not fit', () => {
    const [x, y] = [tf.ones([3, 2]), tf.ones([3, 1])] as tf.Tensor2D[];
    expectTensorsKept(1, () => hsic(x, y));
    expect(() => hsic(x, y, {estimator: 'unbiased'})).toThrow('hsic: expected x of shape [n, d] with n ≥ 4');
    expect(() => hsic(x, y, {sigmaY: 0})).toThrow('hsic: expected sigmaY in (0, Infinity), received 0.');
    expect(() => hsic(x, tf.ones([4, 1]))).toThrow(
      'hsic: expected y of shape [3, e], received float32 of shape [4, 1].',
    );
  });
});
