import {describe, expect, test} from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';

import {multilabelCategoricalCrossentropy} from '../../src/losses/multilabel_categorical_crossentropy.js';
import {
  sparseMultilabelCategoricalCrossentropy as loss,
  sparseMultilabelCategoricalCrossentropyLoss,
} from '../../src/losses/sparse_multilabel_categorical_crossentropy.js';
import {expectClose, expectGradientClose, expectTensorsKept, normal} from '../support/expect.js';
import {goldenLoss} from './golden_loss.js';

const classes = (rows: number[][]) => tf.tensor2d(rows, undefined, 'int32');

describe('sparseMultilabelCategoricalCrossentropy', () => {
  test('worked example: log(1 + e⁻¹) + log(1 + e⁻²)', async () => {
    const expected = Math.log1p(Math.exp(-1)) + Math.log1p(Math.exp(-2));
    await expectClose(loss(classes([[0]]), tf.tensor2d([[2, -1]])), [expected]);
  });

  test.each(['mlsce_sparse', 'mlsce_sparse_mask_zero'])('%s', async name => {
    const {config, inputs, outputs, grads} = await goldenLoss(name);
    const fn = sparseMultilabelCategoricalCrossentropyLoss({maskZero: config.maskZero as boolean});
    await expectClose(fn(inputs.indices, inputs.logits), outputs.loss);
    const gradient = tf.grad(s => tf.sum(fn(inputs.indices, s)))(inputs.logits);
    await expectGradientClose(gradient, grads.logits);
  });

  test('a confident true class is neither punished nor NaN', async () => {
    const logits = tf.tensor2d([[20, -20, -20]]);
    await expectClose(loss(classes([[0]]), logits), [3 * Math.exp(-20)]);
    await expectGradientClose(tf.grad(s => loss(classes([[0]]), s))(logits), [[0, 0, 0]]);
    await expectClose(loss(classes([[0]]), tf.tensor2d([[-1e4, 1e4]])), [2e4]);
  });

  test('repeated, negative and too large numbers are padding; floats are taken as well', async () => {
    const logits = normal([2, 5], 1);
    const dense = tf.tensor2d([
      [0, 1, 0, 0, 1],
      [0, 0, 0, 0, 0],
    ]);
    const want = multilabelCategoricalCrossentropy(dense, logits);
    await expectClose(
      loss(
        classes([
          [4, 1, 4],
          [-1, 5, -7],
        ]),
        logits,
      ),
      want,
    );
    await expectClose(
      loss(
        tf.tensor2d([
          [4, 1],
          [-1, -1],
        ]),
        logits,
      ),
      want,
    );
  });

  test('a threshold shifts the logits; class 0 takes no part with maskZero', async () => {
    const logits = normal([1, 5], 2);
    const shifted = sparseMultilabelCategoricalCrossentropyLoss({threshold: 1.5});
    await expectClose(shifted(classes([[2, 3]]), logits), loss(classes([[2, 3]]), tf.sub(logits, 1.5)));
    const masked = sparseMultilabelCategoricalCrossentropyLoss({maskZero: true});
    const others = tf.slice(logits, [0, 1], [1, 4]);
    await expectClose(masked(classes([[2, 0]]), logits), loss(classes([[1]]), others));
    const gradient = tf.slice(tf.grad(s => masked(classes([[2, 0]]), s))(logits), [0, 0], [1, 1]);
    await expectGradientClose(gradient, [[0]]);
  });

  test('keeps one tensor, and names both shapes when they do not fit', () => {
    const [yTrue, logits] = [classes([[0], [1]]), tf.zeros([2, 3])];
    expectTensorsKept(1, () => loss(yTrue, logits));
    expect(() => loss(classes([[0]]), logits)).toThrow(
      'sparseMultilabelCategoricalCrossentropy: expected class numbers [2, K] for logits [2, 3], received shape [1, 1].',
    );
  });
});
