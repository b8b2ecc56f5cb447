import {describe, expect, test} from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';

import {
  multilabelCategoricalCrossentropy as loss,
  multilabelCategoricalCrossentropyLoss,
} from '../../src/losses/multilabel_categorical_crossentropy.js';
import {expectClose, expectGradientClose, expectTensorsKept, normal} from '../support/expect.js';
import {goldenLoss} from './golden_loss.js';

/** Half of the classes true, the rest false. */
const hardLabels = (shape: [number, number], seed: number) => tf.cast(tf.greater(normal(shape, seed), 0), 'float32');

describe('multilabelCategoricalCrossentropy', () => {
  test('worked example: log(1 + e⁻¹) + log(1 + e⁻²)', async () => {
    const expected = Math.log1p(Math.exp(-1)) + Math.log1p(Math.exp(-2));
    await expectClose(loss(tf.tensor2d([[1, 0]]), tf.tensor2d([[2, -1]])), [expected]);
  });

  test.each(['mlsce_dense_hard', 'mlsce_dense_soft', 'mlsce_dense_masked'])('%s', async name => {
    const {inputs, outputs, grads} = await goldenLoss(name);
    await expectClose(loss(inputs.labels, inputs.logits), outputs.loss);
    const gradient = tf.grad(s => tf.sum(loss(inputs.labels, s)))(inputs.logits);
    await expectGradientClose(gradient, grads.logits);
  });

  test('one class is the binary cross-entropy with logits', async () => {
    const yTrue = tf.tensor2d([[0], [1], [1]]);
    const logits = tf.tensor2d([[3], [3], [-3]]);
    const binary = tf.losses.sigmoidCrossEntropy(yTrue, logits, undefined, 0, tf.Reduction.NONE);
    await expectClose(loss(yTrue, logits), tf.squeeze(binary, [1]));
  });

  test('is between the margins and the margins plus log(1 + C)', async () => {
    const [yTrue, logits] = [hardLabels([5, 7], 1), normal([5, 7], 2, 3)];
    const violations = tf.where(tf.greater(yTrue, 0), tf.neg(logits), tf.neg(tf.onesLike(logits)));
    const falses = tf.where(tf.greater(yTrue, 0), tf.neg(tf.onesLike(logits)), logits);
    const margins = tf.add(tf.relu(tf.max(violations, 1)), tf.relu(tf.max(falses, 1)));
    const gap = await tf.sub(loss(yTrue, logits), margins).data();
    for (const value of gap) {
      expect(value).toBeGreaterThanOrEqual(-1e-6);
      expect(value).toBeLessThanOrEqual(2 * Math.log(8));
    }
  });

  test('soft labels of 0 and 1 are hard labels; the optimum of soft labels is t = σ(2s)', async () => {
    const soft = tf.tensor2d([[0.1, 0.5, 0.8]]);
    const optimum = tf.mul(0.5, tf.log(tf.div(soft, tf.sub(1, soft))));
    await expectGradientClose(tf.grad(s => loss(soft, s))(optimum), tf.zeros([1, 3]));
    const logits = normal([2, 3], 3);
    const hard = tf.tensor2d([1, 0, 0, 1, 1, 0], [2, 3], 'int32');
    await expectClose(loss(hard, logits), loss(tf.cast(hard, 'float32'), logits));
  });

  test('a threshold is that of a class whose logit is constant', async () => {
    const [yTrue, logits] = [hardLabels([2, 5], 4), normal([2, 5], 5)];
    const shifted = multilabelCategoricalCrossentropyLoss({threshold: 0.75});
    await expectClose(shifted(yTrue, logits), loss(yTrue, tf.sub(logits, 0.75)));
    const gradient = tf.grad(s => shifted(yTrue, s))(logits);
    await expectGradientClose(gradient, tf.grad(s => loss(yTrue, s))(tf.sub(logits, 0.75)));
  });

  test('the extremes ±1e4 are exact, forward and backward', async () => {
    const yTrue = tf.tensor2d([[1, 0, 1, 0]]);
    await expectClose(loss(yTrue, tf.tensor2d([[1e4, 1e4, -1e4, -1e4]])), [2e4]);
    await expectClose(loss(yTrue, tf.tensor2d([[1e4, -1e4, 1e4, -1e4]])), [0]);
    const gradient = tf.grad(s => loss(yTrue, s))(tf.tensor2d([[1e4, 1e4, -1e4, -1e4]]));
    await expectGradientClose(gradient, [[0, 1, -1, 0]]);
  });

  test('absent classes, no positives, and nothing at all give finite terms', async () => {
    const none = Number.NEGATIVE_INFINITY;
    const yTrue = tf.tensor2d([
      [1, 0],
      [0, 0],
      [1, 1],
    ]);
    const logits = tf.tensor2d([
      [none, none],
      [0, none],
      [none, 0],
    ]);
    await expectClose(loss(yTrue, logits), [0, Math.LN2, Math.LN2]);
    const gradient = tf.grad(s => tf.sum(loss(yTrue, s)))(logits);
    await expectGradientClose(gradient, [
      [0, 0],
      [0.5, 0],
      [0, -0.5],
    ]);
    await expectClose(loss(tf.zeros([2, 0]), tf.zeros([2, 0])), [0, 0]);
  });

  test('the second derivative equals the difference of first ones', async () => {
    const [yTrue, logits, v] = [hardLabels([2, 3], 6), normal([2, 3], 7), normal([2, 3], 8)];
    const first = (s: tf.Tensor) => tf.grad(x => tf.sum(tf.square(loss(yTrue, x))))(s);
    const second = tf.grad(s => tf.sum(tf.mul(first(s), v)))(logits);
    const step = 1e-2;
    const [ahead, behind] = [first(tf.add(logits, tf.mul(v, step))), first(tf.sub(logits, tf.mul(v, step)))];
    const wanted = await tf.div(tf.sub(ahead, behind), 2 * step).data();
    (await second.data()).forEach((value, i) => {
      expect(Math.abs(value - wanted[i])).toBeLessThan(2e-3);
    });
  });

  test('labels of any rank; keeps one tensor: the loss', async () => {
    const logits = normal([2, 3, 5], 9);
    expect(loss(tf.zeros([2, 3, 5]), logits).shape).toEqual([2, 3]);
    expect(loss(tf.zeros([5]), tf.zeros([5])).shape).toEqual([]);
    const zeros = tf.zeros([2, 3, 5]);
    expectTensorsKept(1, () => loss(zeros, logits));
  });

  test('names both shapes when they differ', () => {
    expect(() => loss(tf.zeros([2, 3]), tf.zeros([2, 4]))).toThrow(
      'multilabelCategoricalCrossentropy: expected yTrue and yPred of one shape, yPred of shape [2, 4], ' +
        'received shape [2, 3]. Lists of class numbers go to sparseMultilabelCategoricalCrossentropy.',
    );
  });
});
