import {afterEach, describe, expect, test} from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';

import {report, setFused} from '../../src/internal/kernels.js';
import {focalCrossentropy} from '../../src/ops/focal_crossentropy/index.js';
import {FOCAL_CROSSENTROPY, type FocalAttrs} from '../../src/ops/focal_crossentropy/name.js';
import {expectDerivatives} from '../support/derivatives.js';
import {expectClose, expectGradientClose, normal} from '../support/expect.js';

/** Loss and gradient, weighted by row. */
function both(labels: tf.Tensor, logits: tf.Tensor, attrs: FocalAttrs) {
  const weights = tf.range(1, logits.shape[0] + 1);
  return tf.valueAndGrad(s => tf.sum(tf.mul(weights, focalCrossentropy(labels, s as tf.Tensor2D, attrs))))(logits);
}

describe('focalCrossentropy', () => {
  afterEach(() => setFused(true));

  test('worked example: α (1 − p)² log(1/p) for a true class, (1 − α) p² log(1/(1 − p)) for a false one', async () => {
    const p = 1 / (1 + Math.exp(-1));
    const want = [0.25 * (1 - p) ** 2 * -Math.log(p), 0.75 * p ** 2 * -Math.log(1 - p)];
    const got = focalCrossentropy(tf.tensor2d([[1], [0]]), tf.tensor2d([[1], [1]]), {alpha: 0.25, gamma: 2});
    await expectClose(got, want);
  });

  test.each([
    [1, 1, 0],
    [3, 7, 2],
    [2, 131, 1.5],
  ])(
    'fused equals reference, and has first and second derivatives: %i rows of %i, γ = %d',
    async (rows, classes, gamma) => {
      const attrs = {alpha: 0.3, gamma};
      const logits = normal([rows, classes], 1, 6);
      for (const labels of [normal([rows, classes], 2), tf.cast(tf.greater(normal([rows, classes], 3), 0), 'int32')]) {
        const fused = both(labels, logits, attrs);
        setFused(false);
        const reference = both(labels, logits, attrs);
        setFused(true);
        await expectClose(fused.value, reference.value);
        await expectGradientClose(fused.grad, reference.grad);
        const of = (s: tf.Tensor) => tf.sum(focalCrossentropy(labels, s as tf.Tensor2D, attrs));
        await expectDerivatives(of, tf.mul(logits, 0.2), normal([rows, classes], 4));
      }
    },
  );

  test('runs the fused kernel', async () => {
    await focalCrossentropy(tf.zeros([1, 2]), tf.zeros([1, 2]), {alpha: 0.5, gamma: 2}).data();
    expect(report().find(({op}) => op === FOCAL_CROSSENTROPY)?.path).toBe('fused');
  });
});
