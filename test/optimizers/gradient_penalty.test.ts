import {describe, expect, test} from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';

import {setUpTfjs} from '../../src/internal/setup.js';
import {gradientPenalty} from '../../src/optimizers/gradient_penalty.js';
import {adversarialCase} from '../support/adversarial_case.js';
import {expectClose} from '../support/expect.js';

setUpTfjs(); // the gradient of gather on wasm

describe('GradientPenalty', () => {
  test('on embeddings, λ = 1', async () => {
    const {values, loss, embeddings, weights, variables} = await adversarialCase();
    const {value, grads} = gradientPenalty(tf.train.sgd(1), {lambda: 1}).computeGradients(loss, variables);
    await expectClose(value, values.loss);
    await expectClose(grads[weights.name], values.gp_eps1_half.grad_W, 'gradient');
    await expectClose(grads[embeddings.name], values.gp_eps1_half.grad_E, 'gradient');
  });

  test('on all variables, the implicit regularisation of steps γ = 0.1', async () => {
    const {values, loss, weights, variables} = await adversarialCase();
    const optimizer = gradientPenalty(tf.train.sgd(1), {lambda: 0.05, variables: ['.']});
    const {grads} = optimizer.computeGradients(loss, variables);
    await expectClose(grads[weights.name], values['igr_gamma0.1'].grad_W, 'gradient');
  });

  test('one-sided, not squared and λ = ρ is the fast gradient method', async () => {
    const {values, loss, weights, variables} = await adversarialCase();
    const optimizer = gradientPenalty(tf.train.sgd(1), {lambda: 0.5, rho: 0.5, squared: false, central: false});
    const {grads} = optimizer.computeGradients(loss, variables);
    await expectClose(grads[weights.name], values['fgm_eps0.5'].grad_W, 'gradient');
  });

  test('says what it expects', () => {
    expect(() => gradientPenalty(tf.train.sgd(1), {lambda: 0})).toThrow(
      'GradientPenalty: expected lambda in (0, Infinity), received 0.',
    );
  });
});
