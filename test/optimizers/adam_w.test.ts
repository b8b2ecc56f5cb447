import {describe, expect, test} from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';

import {adamW} from '../../src/optimizers/adam_w.js';
import {applyOne} from '../support/descend.js';
import {expectClose} from '../support/expect.js';

describe('AdamW', () => {
  test('worked example: the first step is the learning rate, and the decay', async () => {
    const x = tf.variable(tf.tensor1d([2, -4]));
    applyOne(adamW(0.1, {weightDecay: 0.5}), x, [3, -0.2]);
    await expectClose(x, [2 - 0.1 - 0.1, -4 + 0.1 + 0.2]);
  });

  test('absolute decay does not depend on the learning rate', async () => {
    const x = tf.variable(tf.tensor1d([2, -4]));
    applyOne(adamW(0, {weightDecay: 0.1, decoupled: 'absolute'}), x, [3, -0.2]);
    await expectClose(x, [1.8, -3.6]);
  });

  test.each(['algorithm1', 'hat'] as const)('without decay is tf.train.adam, %s', async epsilonMode => {
    const [x, y] = [tf.variable(tf.tensor1d([2, -4])), tf.variable(tf.tensor1d([2, -4]))];
    const [ours, stock] = [adamW(0.1, {weightDecay: 0, epsilonMode}), tf.train.adam(0.1, 0.9, 0.999, 1e-7)];
    for (const gradient of [
      [1, -2],
      [0.5, 3],
      [-1, 1],
    ]) {
      applyOne(ours, x, gradient);
      applyOne(stock, y, gradient);
    }
    await expectClose(x, y);
  });

  test('says what it expects', () => {
    expect(() => adamW(-1)).toThrow('AdamW: expected learningRate in [0, Infinity), received -1.');
    expect(() => adamW(1, {epsilonMode: 'x' as never})).toThrow(
      'AdamW: expected epsilonMode to be one of algorithm1, hat, received "x".',
    );
    expect(() => adamW(1, {excludeFromDecay: [/a/g]})).toThrow('AdamW: expected excludeFromDecay without the flags g');
    expect(() => adamW(1).applyGradients([{name: 'nobody', tensor: tf.scalar(1)}])).toThrow(
      'AdamW: expected the name of a live tf.Variable, received "nobody".',
    );
  });

  test('refuses the state of another class', async () => {
    await expect(adamW(1).setWeights([{name: 'iter', tensor: tf.scalar(1, 'int32')}])).rejects.toThrow(
      'AdamW: expected weights that it saved, of which AdamW/iter is the first',
    );
  });
});
