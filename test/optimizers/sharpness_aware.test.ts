import {describe, expect, test} from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';

import {setUpTfjs} from '../../src/internal/setup.js';
import {sharpnessAware} from '../../src/optimizers/sharpness_aware.js';
import {adversarialCase} from '../support/adversarial_case.js';
import {expectClose} from '../support/expect.js';

setUpTfjs(); // the gradient of gather on wasm

describe('SharpnessAware', () => {
  test('worked example: the gradient of x² at x + ρ', async () => {
    const x = tf.variable(tf.scalar(3));
    const optimizer = sharpnessAware(tf.train.sgd(0.5), {rho: 0.5});
    const cost = optimizer.minimize(() => tf.square(x) as tf.Scalar, true, [x])!;
    await expectClose(cost, 9);
    await expectClose(x, 3 - 0.5 * 2 * 3.5);
  });

  test('one norm over all variables, which have their values back', async () => {
    const {values, loss, embeddings, weights, variables} = await adversarialCase();
    const {grads} = sharpnessAware(tf.train.sgd(1), {rho: 0.05}).computeGradients(loss, variables);
    const length = Math.hypot(...values.grad_E.flat(), ...values.grad_W.flat());
    const towards = (x: number[][], g: number[][]) => tf.add<tf.Tensor2D>(x, tf.mul(g, 0.05 / length));
    const moved = [towards(values.E, values.grad_E), towards(values.W, values.grad_W)];
    await expectClose(embeddings, values.E);
    variables.forEach((variable, i) => {
      variable.assign(moved[i]);
    });
    const there = tf.variableGrads(loss, variables);
    await expectClose(grads[weights.name], there.grads[weights.name], 'gradient');
  });

  test('says what it expects', () => {
    expect(() => sharpnessAware(tf.train.sgd(1), {rho: 0})).toThrow(
      'SharpnessAware: expected rho in (0, Infinity), received 0.',
    );
  });
});
