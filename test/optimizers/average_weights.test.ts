import {describe, expect, test} from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';

import {averageWeights} from '../../src/optimizers/average_weights.js';
import {applyOne} from '../support/descend.js';
import {expectClose} from '../support/expect.js';

import {type GoldenTensor, goldenTensor, loadGolden} from '../support/golden.js';

interface Averages {
  initial: Record<string, GoldenTensor>;
  grads: Record<string, number[]>[];
  slots: Record<string, Record<string, number[]>>[];
}

describe('AverageWeights', () => {
  test.each([
    ['zeros', [-1, -5 / 3]],
    ['initial', [-0.5, -1.25]],
    ['first', [-1, -1.5]],
  ] as const)('worked example: begins as %s', async (start, wanted) => {
    const x = tf.variable(tf.scalar(0));
    const optimizer = averageWeights(tf.train.sgd(1), {decay: 0.5, start});
    for (const want of wanted) {
      applyOne(optimizer, x, 1); // −1, −2
      optimizer.swap();
      await expectClose(x, want);
      optimizer.restore();
    }
    await expectClose(x, -2);
  });

  test.each([
    [
      'ema_zero_init_corrected',
      'emaCorrected',
      () => averageWeights(tf.train.adam(0.05, 0.9, 0.999, 1e-6), {decay: 0.9}),
    ],
    ['swa_average', 'average', () => averageWeights(tf.train.sgd(0.1), {kind: 'swa', startStep: 5, period: 3})],
  ] as const)('the averages of %s', async (file, slot, make) => {
    const {initial, grads, slots} = await loadGolden<Averages>(`optimizers_losses/${file}`);
    const optimizer = make();
    const variables = Object.entries(initial).map(([key, value]) => ({key, x: tf.variable(goldenTensor(value))}));
    for (let step = 0; step < grads.length; step++) {
      const list = variables.map(({key, x}) => ({name: x.name, tensor: tf.tensor(grads[step][key], x.shape)}));
      optimizer.applyGradients(list);
      optimizer.swap();
      for (const {key, x} of variables) await expectClose(x, tf.tensor(slots[step][slot][key], x.shape), 'gradient');
      optimizer.restore();
    }
  });

  test('overwrites the weights every n steps', async () => {
    const x = tf.variable(tf.scalar(0));
    const optimizer = averageWeights(tf.train.sgd(1), {decay: 0.5, start: 'initial', overwriteEvery: 2});
    for (let i = 0; i < 2; i++) applyOne(optimizer, x, 1);
    await expectClose(x, -1.25);
  });

  test('a variable that comes late begins with its value', async () => {
    const [x, y] = [tf.variable(tf.scalar(0)), tf.variable(tf.scalar(4))];
    const optimizer = averageWeights(tf.train.sgd(1), {decay: 0.5});
    applyOne(optimizer, x, 1);
    optimizer.applyGradients([x, y].map(({name}) => ({name, tensor: tf.scalar(0)})));
    optimizer.swap();
    await expectClose(y, 4);
    optimizer.restore();
  });

  test('says what it expects', () => {
    const make = (args: object) => () => averageWeights(tf.train.sgd(1), args);
    expect(make({decay: 1})).toThrow('AverageWeights: expected decay in [0, 1), received 1.');
    expect(make({kind: 'x'})).toThrow('AverageWeights: expected kind to be one of ema, swa, received "x".');
    expect(() => make({})().swap()).toThrow('AverageWeights: expected a step before swap()');
  });
});
