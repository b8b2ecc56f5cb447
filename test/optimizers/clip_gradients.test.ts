import {describe, expect, test} from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';

import {clipGradients} from '../../src/optimizers/clip_gradients.js';
import {applyOne} from '../support/descend.js';
import {expectClose} from '../support/expect.js';

/** Gradient descent from 0 with a rate of 1 shows minus the gradient that got through. */
async function expectPassed(args: Parameters<typeof clipGradients>[1], gradient: number[], want: number[]) {
  const x = tf.variable(tf.zeros([gradient.length]));
  applyOne(clipGradients(tf.train.sgd(1), args), x, gradient);
  await expectClose(tf.neg(x), want);
}

describe('ClipGradients', () => {
  test('worked examples', async () => {
    await expectPassed({globalNorm: 1}, [3, 4], [0.6, 0.8]);
    await expectPassed({norm: 10}, [3, 4], [3, 4]);
    await expectPassed({value: 3.5}, [3, -4], [3, -3.5]);
    await expectPassed({globalNorm: 1}, [0, 0], [0, 0]);
  });

  test('the global norm is over all variables, however many', async () => {
    const variables = Array.from({length: 9}, () => tf.variable(tf.scalar(0)));
    const optimizer = clipGradients(tf.train.sgd(1), {globalNorm: 1.5});
    optimizer.applyGradients(variables.map(({name}) => ({name, tensor: tf.scalar(1)})));
    for (const variable of variables) await expectClose(variable, -0.5);
  });

  test('adaptive bounds each unit relative to its weights', async () => {
    const x = tf.variable(tf.tensor2d([3, 0, 4, 0], [2, 2])); // columns of norm 5 and 0
    const optimizer = clipGradients(tf.train.sgd(1), {adaptive: 0.1});
    applyOne(optimizer, x, [3, 3, 4, 4]);
    await expectClose(x, [
      [3 - 0.3, -3e-4 / 5],
      [4 - 0.4, -4e-4 / 5],
    ]);
  });

  test('says what it expects', () => {
    const make = (args: object) => () => clipGradients(tf.train.sgd(1), args);
    expect(make({})).toThrow('ClipGradients: expected one of globalNorm, norm, value, adaptive, received [].');
    expect(make({norm: 1, value: 1})).toThrow('received ["norm","value"].');
    expect(make({norm: 0})).toThrow('ClipGradients: expected norm in (0, Infinity], received 0.');
  });
});
