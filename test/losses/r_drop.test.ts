import {describe, expect, test} from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';

import {globalPointerCrossentropy} from '../../src/losses/global_pointer_crossentropy.js';
import {globalPointerKl, globalPointerKlLoss} from '../../src/losses/global_pointer_kl.js';
import {rDrop, rDropLoss} from '../../src/losses/r_drop.js';
import {expectClose, expectGradientClose, normal} from '../support/expect.js';
import {loadGolden} from '../support/golden.js';
import {goldenLoss} from './golden_loss.js';

describe('globalPointerKl', () => {
  test.each(['gp_symmetric_kl', 'gp_symmetric_kl_neg_inf_mask'])('%s', async name => {
    const {inputs, outputs, grads} = await goldenLoss(name);
    await expectClose(globalPointerKl(inputs.logitsA, inputs.logitsB), outputs.loss);
    await expectClose(globalPointerKlLoss({reduction: 'none'})(inputs.logitsA, inputs.logitsB), outputs.perBatchHead);
    const [forA, forB] = tf.grads((a: tf.Tensor, b: tf.Tensor) => globalPointerKl(a, b) as tf.Scalar)([
      inputs.logitsA,
      inputs.logitsB,
    ]);
    await expectGradientClose(forA, grads.logitsA);
    await expectGradientClose(forB, grads.logitsB);
  });

  test('is 0 for equal maps, positive and symmetric otherwise', async () => {
    const [a, b] = [normal([2, 1, 3, 3], 1, 4), normal([2, 1, 3, 3], 2, 4)];
    await expectClose(globalPointerKl(a, a), 0);
    await expectClose(globalPointerKl(a, b), globalPointerKl(b, a));
    for (const value of await globalPointerKlLoss({reduction: 'none'})(a, b).data()) expect(value).toBeGreaterThan(0);
    await expectClose(globalPointerKl(tf.fill([1, 1, 1, 1], 1e4), tf.fill([1, 1, 1, 1], -1e4)), 2e4);
  });
});

describe('rDrop', () => {
  test('rdrop_interleaved', async () => {
    const {config, inputs, outputs, grads} = await goldenLoss('rdrop_interleaved');
    const loss = rDropLoss({alpha: config.alpha as number});
    await expectClose(loss(inputs.labels, inputs.logits), outputs.loss);
    await expectGradientClose(tf.grad(x => loss(inputs.labels, x))(inputs.logits), grads.logits);
  });

  test('rdrop_two_pass', async () => {
    const {config, inputs, outputs, grads} = await goldenLoss('rdrop_two_pass');
    const loss = rDropLoss({alpha: config.alpha as number, pairing: 'halves', reduction: 'sum'});
    const labels = tf.concat([inputs.labels, inputs.labels]);
    const total = (a: tf.Tensor, b: tf.Tensor) => loss(labels, tf.concat([a, b])) as tf.Scalar;
    await expectClose(total(inputs.logitsA, inputs.logitsB), outputs.loss);
    const [forA, forB] = tf.grads(total)([inputs.logitsA, inputs.logitsB]);
    await expectGradientClose(forA, grads.logitsA);
    await expectGradientClose(forB, grads.logitsB);
  });

  test('companion values', async () => {
    const {rdrop} = await loadGolden<{rdrop: Record<string, never>}>('companions_values');
    const {logits_a: a, logits_b: b, labels, loss_alpha4: want} = rdrop as never as Record<string, tf.TensorLike>;
    const logits = tf.concat([tf.tensor2d(a as never), tf.tensor2d(b as never)]);
    const twice = tf.concat([tf.tensor1d(labels as never), tf.tensor1d(labels as never)]);
    await expectClose(rDropLoss({pairing: 'halves'})(twice, logits), tf.scalar(want as number));
  });

  test('equal passes cost their cross-entropy alone', async () => {
    const [labels, logits] = [
      tf.tensor1d([0, 0, 2, 2], 'int32'),
      tf.tensor2d([
        [1, 2, 3],
        [1, 2, 3],
        [0, 1, 0],
        [0, 1, 0],
      ]),
    ];
    const want = tf.losses.softmaxCrossEntropy(tf.oneHot(labels, 3), logits);
    await expectClose(rDrop(labels, logits), want);
  });

  test('with GlobalPointer: its loss and its divergence', async () => {
    const [labels, scores] = [tf.zeros([4, 2, 3, 3]), normal([4, 2, 3, 3], 3)];
    const loss = rDropLoss({alpha: 2, base: globalPointerCrossentropy, divergence: 'bernoulli', pairing: 'halves'});
    const [first, second] = tf.split(scores, 2);
    const want = tf.add(globalPointerCrossentropy(labels, scores), tf.mul(globalPointerKl(first, second), 0.5));
    await expectClose(loss(labels, scores), want);
  });

  test('names an odd batch and wrong options', () => {
    expect(() => rDrop(tf.zeros([3]), tf.zeros([3, 2]))).toThrow(
      'rDrop: expected predictions [2 · batch, ..., classes], received float32 of shape [3, 2]. Double each sample.',
    );
    expect(() => rDropLoss({alpha: -1})).toThrow('rDropLoss: expected alpha in [0, Infinity), received -1.');
    expect(() => rDropLoss({pairing: 'random' as never})).toThrow('expected pairing to be one of interleaved, halves');
  });
});
