import {describe, expect, test} from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';

import {readOptimizerState, writeOptimizerState} from '../../src/internal/optimizer_state.js';

const MAKERS: Record<string, () => tf.Optimizer> = {
  sgd: () => tf.train.sgd(0.1),
  momentum: () => tf.train.momentum(0.1, 0.9),
  nesterov: () => tf.train.momentum(0.1, 0.9, true),
  adagrad: () => tf.train.adagrad(0.1),
  adadelta: () => tf.train.adadelta(0.1),
  adam: () => tf.train.adam(0.1),
  adamax: () => tf.train.adamax(0.1, 0.9, 0.999, 1e-7, 0.1),
  rmsprop: () => tf.train.rmsprop(0.1, 0.9, 0.5),
  centered: () => tf.train.rmsprop(0.1, 0.9, 0.5, 1e-7, true),
};

describe('optimizer state', () => {
  test.each(Object.keys(MAKERS))('%s resumes to the same numbers', async name => {
    const [whole, first, second] = [MAKERS[name](), MAKERS[name](), MAKERS[name]()];
    const [a, b] = [tf.variable(tf.tensor1d([1, -2, 3])), tf.variable(tf.tensor1d([1, -2, 3]))];
    const step = (optimizer: tf.Optimizer, x: tf.Variable) =>
      optimizer.minimize(() => tf.sum(tf.square(tf.sub(x, 0.3))), false, [x]);

    for (let i = 0; i < 40; i++) step(whole, a);
    for (let i = 0; i < 31; i++) step(first, b);
    const state = await readOptimizerState(first);
    await writeOptimizerState(second, state);
    for (let i = 0; i < 9; i++) step(second, b);

    expect(second.iterations).toBe(40);
    expect([...(await b.data())]).toEqual([...(await a.data())]);
  });

  test('reading leaves only the copies behind', async () => {
    const adam = tf.train.adam(0.1);
    const x = tf.variable(tf.tensor1d([1, 2]));
    adam.minimize(() => tf.sum(x), false, [x]);
    const before = tf.memory().numTensors;
    tf.dispose((await readOptimizerState(adam)).map(({tensor}) => tensor));
    expect(tf.memory().numTensors).toBe(before);
  });
});
