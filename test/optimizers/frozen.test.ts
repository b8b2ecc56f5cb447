import {expect, test} from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';

import * as train from '../../src/optimizers/index.js';

/** They move variables that have no gradient in the step. */
const OPTIMIZERS: Record<string, () => tf.Optimizer> = {
  lookahead: () => train.lookahead(tf.train.sgd(0.1), {syncPeriod: 3}),
  accumulateGradients: () => train.accumulateGradients(tf.train.sgd(0.1), {steps: 3}),
  averageWeights: () => train.averageWeights(tf.train.sgd(0.1), {decay: 0.9, overwriteEvery: 3}),
};

test.each(Object.keys(OPTIMIZERS))(
  '%s leaves a variable alone that was frozen in the middle of a cycle',
  async name => {
    const optimizer = OPTIMIZERS[name]();
    const [frozen, free] = [1, 2].map(value => tf.tidy(() => tf.variable(tf.tensor1d([value, -value]))));
    const gradient = tf.tensor1d([1, 1]);
    const step = (variables: tf.Variable[]) =>
      optimizer.applyGradients(variables.map(variable => ({name: variable.name, tensor: gradient})));
    for (let i = 0; i < 2; i++) step([frozen, free]);
    frozen.trainable = false;
    const before = [Array.from(await frozen.data()), Array.from(await free.data())];
    for (let i = 0; i < 4; i++) step([free]);
    expect(Array.from(await frozen.data())).toEqual(before[0]);
    expect(Array.from(await free.data())).not.toEqual(before[1]);
  },
);
