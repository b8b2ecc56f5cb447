import {describe, expect, test} from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';

import {
  balancedCategoricalCrossentropyLoss,
  balancedCategoricalCrossentropy as loss,
} from '../../src/losses/balanced_categorical_crossentropy.js';
import {binaryFocalCrossentropyLoss} from '../../src/losses/binary_focal_crossentropy.js';
import {multilabelCategoricalCrossentropy} from '../../src/losses/multilabel_categorical_crossentropy.js';
import {expectClose, expectGradientClose, normal} from '../support/expect.js';
import {loadGolden} from '../support/golden.js';
import {goldenLoss} from './golden_loss.js';

interface GroupCase {
  logits: number[][];
  targets: number[];
  loss1: number;
}

describe('balancedCategoricalCrossentropy', () => {
  test.each([
    ['nm_pairwise_hard', 'pairwise'],
    ['nm_centered_soft', 'centered'],
  ] as const)('%s', async (name, form) => {
    const {inputs, outputs, grads} = await goldenLoss(name);
    const fn = balancedCategoricalCrossentropyLoss({form});
    await expectClose(fn(inputs.labels, inputs.logits), outputs.loss);
    await expectGradientClose(tf.grad(s => tf.sum(fn(inputs.labels, s)))(inputs.logits), grads.logits);
  });

  test('companion values: one group for the whole batch', async () => {
    const {nxm_loss: values} = await loadGolden<{nxm_loss: GroupCase & {case2: GroupCase}}>('companions_values');
    for (const {logits, targets, loss1} of [values, values.case2]) {
      await expectClose(loss(tf.oneHot(targets, 3), tf.tensor2d(logits)), tf.scalar(loss1));
    }
  });

  test('two classes: multi-label crossentropy of the difference', async () => {
    const logits = normal([2, 5, 2], 1);
    const truth = tf.cast(tf.greater(normal([2, 5], 2), 0), 'int32');
    const [zero, one] = tf.unstack(logits, 2);
    await expectClose(
      loss(tf.oneHot(truth as tf.Tensor2D, 2), logits),
      multilabelCategoricalCrossentropy(truth, tf.sub(one, zero)),
    );
  });

  test('names the forms', () => {
    expect(() => balancedCategoricalCrossentropyLoss({form: 'other' as never})).toThrow(
      'expected form to be one of pairwise, centered, received "other".',
    );
  });
});

describe('binaryFocalCrossentropy', () => {
  test('companion values', async () => {
    const {focal} = await loadGolden<{focal: Record<string, number[]>}>('companions_values');
    const logits = focal.p.map(p => [Math.log(p / (1 - p))]);
    const got = binaryFocalCrossentropyLoss()(tf.tensor2d(focal.y, [3, 1]), tf.tensor2d(logits));
    await expectClose(got, focal['alpha.25_gamma2']);
  });

  test('with γ = 0 and α = ½ it is half the binary cross-entropy', async () => {
    const [labels, logits] = [tf.clipByValue(normal([2, 5], 1), 0, 1), normal([2, 5], 2)];
    const binary = tf.losses.sigmoidCrossEntropy(labels, logits, undefined, 0, tf.Reduction.NONE);
    const got = binaryFocalCrossentropyLoss({alpha: 0.5, gamma: 0})(labels, logits);
    await expectClose(got, tf.mul(tf.mean(binary, 1), 0.5));
  });

  test('names wrong options', () => {
    expect(() => binaryFocalCrossentropyLoss({alpha: 2})).toThrow('expected alpha in [0, 1], received 2.');
  });
});
