import {describe, expect, test} from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';

import {losses} from '../../src/index.js';
import {expectClose, expectGradientClose, normal} from '../support/expect.js';

/** Sum of the loss, and its gradient for the predictions. */
const both = (loss: (yTrue: tf.Tensor, yPred: tf.Tensor) => tf.Tensor, yTrue: tf.Tensor, yPred: tf.Tensor) =>
  tf.valueAndGrad(x => tf.sum(loss(yTrue, x)))(yPred);

const allFinite = async (...tensors: tf.Tensor[]) =>
  (await Promise.all(tensors.map(x => x.data()))).every(values => values.every(Number.isFinite));

describe('what is out of range', () => {
  test.each(['multilabelCategoricalCrossentropy', 'binaryFocalCrossentropy'] as const)(
    '%s clips labels to [0, 1]',
    async name => {
      const logits = normal([2, 4], 1);
      const labels = tf.tensor2d([-0.5, 0.2, 1.5, 1, 7, 0, -3, 0.9], [2, 4]);
      const [got, want] = [labels, tf.clipByValue(labels, 0, 1)].map(y => both(losses[name], y, logits));
      await expectClose(got.value, want.value);
      await expectGradientClose(got.grad, want.grad);
    },
  );

  test.each(['amSoftmax', 'arcFace', 'angularSoftmax'] as const)(
    '%s: a number that is no class costs nothing, cosines outside [−1, 1] are finite',
    async name => {
      const cosines = tf.tanh(normal([3, 4], 2));
      const got = both(losses[name], tf.tensor1d([4, 1, -1], 'int32'), cosines);
      const alone = both(losses[name], tf.tensor1d([1], 'int32'), tf.slice(cosines, [1, 0], [1, 4]));
      await expectClose(got.value, alone.value);
      await expectGradientClose(tf.slice(got.grad, [0, 0], [1, 4]), tf.zeros([1, 4]));
      const far = tf.tensor2d([1.0000002, -1.0000002, 1.5, -2, 3, -1.01, 0, 1], [2, 4]);
      for (const label of [0, 1, 2, 3]) {
        const {value, grad} = both(losses[name], tf.fill([2], label, 'int32'), far);
        expect(await allFinite(value, grad)).toBe(true);
        expect((await value.data())[0]).toBeGreaterThanOrEqual(0);
      }
    },
  );

  test('rDrop: a batch whose rows have no partner, and one that is no batch', () => {
    expect(() => losses.rDrop(tf.zeros([5]), tf.zeros([5, 3]))).toThrow('Double each sample.');
    expect(() => losses.rDrop(tf.zeros([4]), tf.zeros([4]))).toThrow(
      'rDrop: expected predictions [2 · batch, ..., classes]',
    );
  });
});

describe('laws of the losses', () => {
  test('the threshold 0 is a class with the constant logit 0, in both sums', async () => {
    const [logits, labels] = [normal([3, 5], 3, 2), tf.cast(tf.greater(normal([3, 5], 4), 0), 'float32')];
    const far = tf.fill([3, 5], -1e9);
    const zero = tf.zeros([3, 1]);
    const isTrue = tf.greater(labels, 0);
    const [falses, trues] = [tf.where(isTrue, far, logits), tf.where(isTrue, tf.neg(logits), far)];
    const [first, second] = [falses, trues].map(x => tf.logSumExp(tf.concat([x, zero], 1), 1));
    await expectClose(losses.multilabelCategoricalCrossentropy(labels, logits), tf.add(first, second));
  });

  test('the loss lies between the worst violation on both sides and that plus log (1 + n)', async () => {
    const [logits, labels] = [normal([4, 7], 7, 3), tf.cast(tf.greater(normal([4, 7], 8), 0), 'float32')];
    const isTrue = tf.greater(labels, 0);
    const [falses, trues] = [tf.where(isTrue, tf.zerosLike(logits), logits), tf.where(isTrue, tf.neg(logits), 0)];
    const worst = await tf.add(tf.relu(tf.max(falses, 1)), tf.relu(tf.max(trues, 1))).data();
    const positives = await tf.sum(labels, 1).data();
    for (const [i, loss] of (await losses.multilabelCategoricalCrossentropy(labels, logits).data()).entries()) {
      expect(loss).toBeGreaterThan(worst[i]);
      expect(loss).toBeLessThan(worst[i] + Math.log(1 + positives[i]) + Math.log(8 - positives[i]));
    }
  });

  test('a logit of −1e12 is as absent as one of −Infinity, true or not', async () => {
    const labels = tf.tensor2d([[1, 0, 1, 0]]);
    const [finite, infinite] = [-1e12, Number.NEGATIVE_INFINITY].map(x =>
      both(losses.multilabelCategoricalCrossentropy, labels, tf.tensor2d([[x, 1, -2, x]])),
    );
    await expectClose(finite.value, infinite.value);
    await expectGradientClose(finite.grad, infinite.grad);
  });

  test('divergences of distributions are at least 0, and 0 between equals', async () => {
    const [a, b] = [normal([5, 6], 5), normal([5, 6], 6)];
    for (const name of ['gaussianKl', 'gaussianBhattacharyya', 'gaussianWasserstein'] as const) {
      for (const value of await losses[name](a, b).data()) expect(value).toBeGreaterThan(0);
      await expectClose(losses[name](a, a), tf.zeros([5]));
    }
  });
});
