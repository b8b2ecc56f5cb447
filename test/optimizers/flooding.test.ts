import {describe, expect, test} from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';

import {flooding} from '../../src/optimizers/flooding.js';
import {applyOne} from '../support/descend.js';
import {expectClose} from '../support/expect.js';

describe('Flooding', () => {
  test('worked example: climbs below the level, rests at it', async () => {
    const x = tf.variable(tf.scalar(0));
    const optimizer = flooding(tf.train.sgd(1), {level: 2});
    const step = () => optimizer.minimize(() => tf.add(x, 3) as tf.Scalar, true, [x])!;
    await expectClose(step(), 3);
    await expectClose(x, -1);
    await expectClose(step(), 2); // at the level
    await expectClose(x, -1);
    x.assign(tf.scalar(-2));
    await expectClose(step(), 1);
    await expectClose(x, -1);
  });

  test('two steps around the level descend on the squared gradient', async () => {
    const x = tf.variable(tf.scalar(1));
    const optimizer = flooding(tf.train.sgd(0.01), {level: 0.245});
    const step = () => optimizer.minimize(() => tf.div(tf.pow(x, 4), 4) as tf.Scalar, false, [x]);
    step();
    step();
    await expectClose(x, 0.99970299);
  });

  test('passes given gradients on', async () => {
    const x = tf.variable(tf.scalar(0));
    applyOne(flooding(tf.train.sgd(1), {level: 2}), x, 1);
    await expectClose(x, -1);
  });

  test('says what it expects', () => {
    expect(() => flooding(tf.train.sgd(1), {level: -1})).toThrow(
      'Flooding: expected level in [0, Infinity), received -1.',
    );
  });
});
