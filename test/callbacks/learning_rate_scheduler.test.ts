import {describe, expect, test} from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import {layers, sequential} from '@tensorflow/tfjs-layers';

import {learningRateScheduler} from '../../src/callbacks/index.js';
import {schedule} from '../../src/optimizers/index.js';
import {expectClose} from '../support/expect.js';

/** y = w x with the gradient of w constant at 1: the loss is the mean prediction. */
async function weightAfter(optimizer: tf.Optimizer, unit: 'epoch' | 'batch') {
  const model = sequential({
    layers: [layers.dense({units: 1, useBias: false, inputShape: [1], kernelInitializer: 'zeros'})],
  });
  model.compile({optimizer, loss: (_, prediction) => tf.mean(prediction)});
  const callbacks = learningRateScheduler({schedule: count => 0.5 ** count, unit});
  await model.fit(tf.ones([4, 1]), tf.ones([4, 1]), {batchSize: 2, epochs: 2, verbose: 0, callbacks});
  return model.getWeights()[0];
}

describe('LearningRateScheduler', () => {
  test.each([
    ['sgd', () => tf.train.sgd(1)],
    ['momentum', () => tf.train.momentum(1, 0)],
    ['a wrapper', () => schedule(tf.train.sgd(2), () => 0.5)],
  ])('multiplies the rate of %s by epoch or batch', async (_, make) => {
    await expectClose(await weightAfter(make(), 'epoch'), [[-(1 + 1 + 0.5 + 0.5)]]);
    await expectClose(await weightAfter(make(), 'batch'), [[-(1 + 0.5 + 0.25 + 0.125)]]);
  });

  test('leaves the rate as it was', async () => {
    const optimizer = tf.train.adam(0.25);
    await weightAfter(optimizer, 'batch');
    expect((optimizer as unknown as {learningRate: number}).learningRate).toBe(0.25);
  });

  test('says what it expects', () => {
    expect(() => learningRateScheduler({schedule: () => 1, unit: 'step' as never})).toThrow(
      'LearningRateScheduler: expected unit to be one of epoch, batch, received "step".',
    );
  });
});
