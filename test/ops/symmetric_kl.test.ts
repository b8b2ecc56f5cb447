import {describe, expect, test} from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';

import {setFused} from '../../src/kernels.js';
import {bernoulliSymmetricKl, softmaxSymmetricKl} from '../../src/ops/symmetric_kl/index.js';
import {expectDerivatives} from '../support/derivatives.js';
import {expectClose, expectGradientClose, normal} from '../support/expect.js';

const rows = (seed: number) => normal([3, 5], seed, 2) as tf.Tensor2D;

describe.each([
  ['bernoulliSymmetricKl', bernoulliSymmetricKl],
  ['softmaxSymmetricKl', softmaxSymmetricKl],
] as const)('%s', (_, kl) => {
  test('is symmetric, not negative, and 0 between equals', async () => {
    await expectClose(kl(rows(1), rows(2)), kl(rows(2), rows(1)));
    expect((await kl(rows(1), rows(2)).data()).every(value => value > 0)).toBe(true);
    await expectClose(kl(rows(1), rows(1)), [0, 0, 0]);
  });

  test('has first and second derivatives for both', async () => {
    const weights = tf.tensor1d([1, -2, 3]);
    const both = tf.concat([rows(4), rows(5)], 1); // [3, 10]
    const of = (x: tf.Tensor) => {
      const [a, b] = tf.split(x, 2, 1);
      return tf.sum(tf.mul(weights, kl(a as tf.Tensor2D, b as tf.Tensor2D)));
    };
    await expectDerivatives(of, both, normal([3, 10], 6));
  });

  test.each([5, 131])('fused kernels agree with composed ops, forward and backward: %i columns', async columns => {
    const inputs = [1, 2].map(seed => normal([3, columns], seed, 4));
    const run = () =>
      tf.valueAndGrads((a, b) => kl(a as tf.Tensor2D, b as tf.Tensor2D))(inputs, tf.tensor1d([1, 2, -1]));
    const fused = run();
    setFused(false);
    try {
      const composed = run();
      await expectClose(fused.value, composed.value);
      for (const [i, gradient] of fused.grads.entries()) await expectGradientClose(gradient, composed.grads[i]);
    } finally {
      setFused(true);
    }
  });
});

test('worked example: one Bernoulli variable, (σ(1) − σ(−1)) · 2', async () => {
  const sigmoid = 1 / (1 + Math.exp(-1));
  await expectClose(bernoulliSymmetricKl(tf.tensor2d([[1]]), tf.tensor2d([[-1]])), [(2 * sigmoid - 1) * 2]);
});

test('a column that is −Infinity in either row is left out', async () => {
  const a = tf.tensor2d([[1, Number.NEGATIVE_INFINITY, 7]]);
  const b = tf.tensor2d([[-1, 3, Number.NEGATIVE_INFINITY]]);
  await expectClose(bernoulliSymmetricKl(a, b), bernoulliSymmetricKl(tf.tensor2d([[1]]), tf.tensor2d([[-1]])));
});
