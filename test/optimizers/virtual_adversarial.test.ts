import {describe, expect, test} from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';

import {setUpTfjs} from '../../src/internal/setup.js';
import {gradientsFrom, virtualAdversarialGradients} from '../../src/optimizers/virtual_adversarial.js';
import {adversarialCase} from '../support/adversarial_case.js';
import {expectClose, expectGradientClose} from '../support/expect.js';
import {loadGolden} from '../support/golden.js';

setUpTfjs(); // the gradient of gather on wasm

interface Vat {
  xi: number;
  eps: number;
  iters: number;
  delta: number[][];
  kl: number;
}

/** The classifier of the companion values, its logits and the first direction of the reference. */
async function vatCase() {
  const {vat} = await loadGolden<{vat: Vat}>('companions_values');
  const {values, embeddings, weights, loss} = await adversarialCase();
  const ids = tf.tensor1d(values.ids, 'int32');
  const predict = () => tf.matMul(tf.gather(embeddings, ids) as tf.Tensor2D, weights as tf.Tensor2D);
  const start = () => [{variable: embeddings, gradient: tf.reshape(tf.range(-9.5, 10, 1), [5, 4]) as tf.Tensor}];
  const args = {predict, xi: vat.xi, epsilon: vat.eps, steps: vat.iters};
  return {vat, values, embeddings, weights, loss, ids, start, args, all: [embeddings, weights]};
}

describe('virtualAdversarialGradients', () => {
  test('finds the divergence of the reference, and its gradients at the moved embeddings', async () => {
    const {vat, values, embeddings, weights, ids, start, args, all} = await vatCase();
    const {value, grads} = gradientsFrom(start(), all, args);
    await expectClose(value, vat.kl, 'gradient');
    await expectClose(embeddings, values.E);

    const [moved, kernel] = [tf.add(tf.tensor2d(values.E), tf.tensor2d(vat.delta)), tf.tensor2d(values.W)];
    const target = tf.softmax(args.predict());
    const divergence = (table: tf.Tensor, kernel: tf.Tensor) => {
      const logits = tf.matMul(tf.gather(table, ids) as tf.Tensor2D, kernel as tf.Tensor2D);
      return tf.mean(tf.sum(tf.mul(target, tf.sub(tf.log(target), tf.logSoftmax(logits))), 1));
    };
    const wanted = tf.grads(divergence)([moved, kernel]);
    await expectGradientClose(grads[embeddings.name], wanted[0]);
    await expectGradientClose(grads[weights.name], wanted[1]);
  });

  test('adds the gradients of a loss', async () => {
    const {values, embeddings, weights, loss, start, args, all} = await vatCase();
    const alone = gradientsFrom(start(), all, args);
    const both = gradientsFrom(start(), all, {...args, loss});
    await expectClose(both.value, tf.add(alone.value, values.loss));
    await expectGradientClose(both.grads[embeddings.name], tf.add(alone.grads[embeddings.name], values.grad_E));
    await expectGradientClose(both.grads[weights.name], tf.add(alone.grads[weights.name], values.grad_W));
  });

  test('bernoulli: the divergence of each logit by itself', async () => {
    const x = tf.variable(tf.tensor1d([0.5, -1]), true, `vat${Math.random()}/embeddings`);
    const start = [{variable: x, gradient: tf.tensor1d([1, 0])}];
    const args = {predict: () => tf.reshape(x, [1, 2]), divergence: 'bernoulli', xi: 0.1, epsilon: 0.5} as const;
    const {value} = gradientsFrom(start, [x], args);
    const sigmoid = (a: number) => 1 / (1 + Math.exp(-a));
    const kl = (a: number, b: number) =>
      sigmoid(a) * Math.log(sigmoid(a) / sigmoid(b)) + sigmoid(-a) * Math.log(sigmoid(-a) / sigmoid(-b));
    await expectClose(value, kl(0.5, 1), 'gradient');
  });

  test('a seed repeats, nothing is left behind, and training makes predictions steadier', async () => {
    const {embeddings, args, all} = await vatCase();
    const step = (seed: number) =>
      virtualAdversarialGradients({...args, trainable: all, variables: [embeddings.name], seed});
    await expectClose(step(3).value, step(3).value);
    const optimizer = tf.train.sgd(0.5);
    const before = tf.memory().numTensors;
    const values: number[] = [];
    for (let i = 0; i < 10; i++) {
      const {value, grads} = step(i);
      optimizer.applyGradients(grads);
      values.push((await value.data())[0]);
      tf.dispose([value, grads]);
    }
    expect(tf.memory().numTensors).toBe(before);
    expect(values[9]).toBeLessThan(values[0]);
  });

  test('says what it expects', async () => {
    const {weights, args} = await vatCase();
    expect(() => virtualAdversarialGradients({...args, trainable: [weights]})).toThrow(
      'virtualAdversarialGradients: expected a trainable variable that one of the patterns finds, received',
    );
    expect(() => virtualAdversarialGradients({...args, xi: 0})).toThrow('expected xi in (0, Infinity), received 0.');
  });
});
