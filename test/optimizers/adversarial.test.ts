import {describe, expect, test} from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';

import {setUpTfjs} from '../../src/internal/setup.js';
import {adversarial} from '../../src/optimizers/adversarial.js';
import {adversarialCase} from '../support/adversarial_case.js';
import {expectClose} from '../support/expect.js';

setUpTfjs(); // the gradient of gather on wasm

describe('Adversarial', () => {
  test('takes the gradients of the fast gradient method, and reports the clean loss', async () => {
    const {values, loss, embeddings, weights, variables} = await adversarialCase();
    const {value, grads} = adversarial(tf.train.sgd(1)).computeGradients(loss, variables);
    await expectClose(value, values.loss);
    await expectClose(grads[weights.name], values['fgm_eps0.5'].grad_W, 'gradient');
    await expectClose(grads[embeddings.name], values['fgm_eps0.5'].grad_E, 'gradient');
    await expectClose(embeddings, values.E);
  });

  test('one ascent of pgd within reach is fgm', async () => {
    const {values, loss, weights, variables} = await adversarialCase();
    const optimizer = adversarial(tf.train.sgd(1), {mode: 'pgd', steps: 1, stepSize: 0.5});
    const {grads} = optimizer.computeGradients(loss, variables);
    await expectClose(grads[weights.name], values['fgm_eps0.5'].grad_W, 'gradient');
  });

  test.each(['sign', 'pgd'] as const)('%s finds a larger loss inside its bound', async mode => {
    const x = tf.variable(tf.tensor1d([1, -2]), true, `x${Math.random()}`);
    const optimizer = adversarial(tf.train.sgd(0), {variables: ['x'], mode, epsilon: 0.5, stepSize: 0.4});
    const {grads} = optimizer.computeGradients(() => tf.sum(tf.square(x)) as tf.Scalar, [x]);
    const delta = tf.sub(tf.div(grads[x.name], 2), x); // the gradient is 2 (x + δ)
    await expectClose(delta, mode === 'sign' ? [0.5, -0.5] : tf.mul(x, 0.5 / Math.sqrt(5)), 'gradient');
    await expectClose(x, [1, -2]);
  });

  test('a gradient of zero moves nothing', async () => {
    const x = tf.variable(tf.tensor1d([0, 0]), true, `x${Math.random()}`);
    const {grads} = adversarial(tf.train.sgd(1), {variables: ['x']}).computeGradients(
      () => tf.sum(tf.square(x)) as tf.Scalar,
      [x],
    );
    await expectClose(grads[x.name], [0, 0]);
  });

  test('says what it expects', async () => {
    const {loss, weights} = await adversarialCase();
    expect(() => adversarial(tf.train.sgd(1)).minimize(loss, false, [weights])).toThrow(
      'Adversarial: expected a variable that one of the patterns finds, received',
    );
    expect(() => adversarial(tf.train.sgd(1), {epsilon: 0})).toThrow('expected epsilon in (0, Infinity), received 0.');
  });
});
