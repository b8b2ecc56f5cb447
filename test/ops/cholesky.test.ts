import {describe, expect, test} from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';

import {cholesky, invertLower} from '../../src/ops/cholesky/index.js';
import {expectClose, expectGradientClose, expectTensorsKept, normal} from '../support/expect.js';

/** Positive definite, with a condition below a hundred. */
function positive(shape: [number, number, number], seed: number): tf.Tensor3D {
  const x = normal(shape, seed) as tf.Tensor3D;
  return tf.add(tf.matMul(x, x, false, true), tf.eye(shape[1])) as tf.Tensor3D;
}

describe('cholesky', () => {
  test('worked example', async () => {
    await expectClose(
      cholesky(
        tf.tensor2d([
          [4, 2],
          [2, 5],
        ]),
      ),
      [
        [2, 0],
        [1, 2],
      ],
    );
  });

  test.each([1, 2, 5, 7])('gives A back, and its inverse the identity, N = %i', async size => {
    const a = positive([3, size, size], 1);
    const lower = cholesky(a) as tf.Tensor3D;
    await expectGradientClose(tf.matMul(lower, lower, false, true), a);
    const identity = tf.tile(tf.expandDims(tf.eye(size), 0), [3, 1, 1]);
    await expectGradientClose(tf.matMul(invertLower(lower), lower), identity);
  });

  test('the gradient is the slope in a symmetric direction', async () => {
    const a = positive([2, 3, 3], 2);
    const random = normal([2, 3, 3], 3) as tf.Tensor3D;
    const direction = tf.add(random, tf.transpose(random, [0, 2, 1]));
    const weights = normal([2, 3, 3], 4);
    const total = (x: tf.Tensor) =>
      tf.sum(tf.mul(weights, tf.add(cholesky(x), invertLower(cholesky(x) as tf.Tensor3D)))) as tf.Scalar;
    const slope = tf.sum(tf.mul(tf.grad(total)(a), direction));
    const step = 1e-2;
    const [ahead, behind] = [step, -step].map(h => total(tf.add(a, tf.mul(direction, h))));
    const [got] = await slope.data();
    const [want] = await tf.div(tf.sub(ahead, behind), 2 * step).data();
    expect(Math.abs(got - want)).toBeLessThan(2e-3 * Math.abs(want) + 1e-3);
  });

  test('keeps one tensor, and names the shape it wants', () => {
    const a = positive([1, 2, 2], 5);
    expectTensorsKept(1, () => cholesky(a));
    expect(() => cholesky(tf.zeros([2, 3]))).toThrow(
      'cholesky: expected matrices [..., N, N], received float32 of shape [2, 3].',
    );
  });
});
