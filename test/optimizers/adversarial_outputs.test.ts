import {describe, expect, test} from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import {initializers, layers, model, type SymbolicTensor, sequential} from '@tensorflow/tfjs-layers';

import {setUpTfjs} from '../../src/internal/setup.js';
import {adversarialOutputs} from '../../src/optimizers/adversarial_outputs.js';
import {expectClose} from '../support/expect.js';

setUpTfjs(); // the gradient of gather on wasm

const TABLE = [
  [0.5, -1],
  [2, 0.25],
  [-0.75, 1.5],
]; // prettier-ignore
const KERNEL = [0.8, -0.6];
const IDS = [
  [1, 2],
  [2, 0],
]; // prettier-ignore
const TARGETS = [1, -2];

type Sample = {ids: number[]; move?: number[][]};

let count = 0;

/** Mean squared error of the dense layer on the sum of a sentence's embeddings. */
function problem({trainable = true} = {}) {
  const name = `words_${count++}`;
  const embedding = layers.embedding({inputDim: 3, outputDim: 2, name, weights: [tf.tensor2d(TABLE)], trainable});
  const input = layers.input({shape: [2], dtype: 'int32'});
  const vectors = embedding.apply(input) as SymbolicTensor;
  const flat = layers.flatten().apply(vectors) as SymbolicTensor;
  const dense = layers.dense({
    units: 1,
    useBias: false,
    kernelInitializer: initializers.zeros(),
    weights: [tf.tensor2d([...KERNEL, ...KERNEL], [4, 1])],
  });
  const network = model({inputs: input, outputs: dense.apply(flat) as SymbolicTensor});
  const x = tf.tensor2d(IDS, [2, 2], 'int32');
  const y = tf.tensor2d(TARGETS, [2, 1]);
  const loss = () =>
    tf.losses.meanSquaredError(y, network.apply(x, {training: true}) as tf.Tensor) as unknown as tf.Scalar;
  return {name, network, loss, x, y};
}

const dot = (a: number[], b: number[]): number => a.reduce((sum, value, i) => sum + value * b[i], 0);
const vectorOf = ({ids, move}: Sample): number[] =>
  ids.flatMap((id, t) => TABLE[id].map((v, c) => v + (move?.[t][c] ?? 0)));

/** d(mean (w·e − y)²) / dw and / de of each sample, in plain numbers. */
function plain(samples: Sample[]) {
  const w = [...KERNEL, ...KERNEL];
  const errors = samples.map((sample, b) => (2 / samples.length) * (dot(w, vectorOf(sample)) - TARGETS[b]));
  const kernel = w.map((_, c) => samples.reduce((sum, sample, b) => sum + errors[b] * vectorOf(sample)[c], 0));
  return {kernel, outputs: errors.map(error => w.map(value => error * value))};
}

function expectedKernelGradient({epsilon, relative, weight}: {epsilon: number; relative: boolean; weight: number}) {
  const clean = plain(IDS.map(ids => ({ids})));
  const samples = IDS.map((ids, b) => {
    const gradient = clean.outputs[b];
    const reach = epsilon * (relative ? Math.hypot(...vectorOf({ids})) : 1);
    const move = gradient.map(value => (reach * value) / Math.hypot(...gradient));
    return {ids, move: [move.slice(0, 2), move.slice(2)]};
  });
  const moved = plain(samples);
  return clean.kernel.map((value, c) => value + weight * moved.kernel[c]);
}

describe('AdversarialOutputs', () => {
  test.each([
    {epsilon: 0.3, relative: true, weight: 1},
    {epsilon: 0.3, relative: false, weight: 0.5},
  ])('moves each sample by its own gradient, and adds the two losses: %j', async args => {
    const {name, network, loss, x, y} = problem();
    const optimizer = adversarialOutputs(tf.train.sgd(1), {...args, layers: [name]});
    const {value, grads} = optimizer.computeGradients(loss);
    await expectClose(value, loss());
    const kernel = Object.entries(grads).find(([variable]) => variable.includes('kernel'))![1];
    await expectClose(tf.squeeze(kernel, [1]), expectedKernelGradient(args), 'gradient');
    tf.dispose([value, grads, x, y]);
    network.dispose();
  });

  test('moves the outputs of a frozen layer too', async () => {
    const args = {epsilon: 0.3, relative: true, weight: 1};
    const {name, network, loss} = problem({trainable: false});
    const variables = network.trainableWeights.map(weight => weight.read() as tf.Variable);
    const {grads} = adversarialOutputs(tf.train.sgd(1), {...args, layers: [name]}).computeGradients(loss, variables);
    await expectClose(tf.squeeze(Object.values(grads)[0], [1]), expectedKernelGradient(args), 'gradient');
  });

  test('a gradient of zero moves nothing', async () => {
    const {name, loss} = problem();
    const flat = () => tf.mul(loss(), 0) as tf.Scalar;
    const {grads} = adversarialOutputs(tf.train.sgd(1), {layers: [name]}).computeGradients(flat);
    for (const gradient of Object.values(grads)) await expectClose(gradient, tf.zerosLike(gradient));
  });

  test('leaves nothing behind in fit, and the layers as they were', async () => {
    const name = `words_${count++}`;
    const network = sequential({
      layers: [
        layers.embedding({inputDim: 3, outputDim: 2, inputLength: 2, name}),
        layers.flatten(),
        layers.dense({units: 1}),
      ],
    });
    const {apply} = layers.Layer.prototype;
    network.compile({
      optimizer: adversarialOutputs(tf.train.sgd(0.1), {layers: [name]}),
      loss: 'meanSquaredError',
      metrics: ['mae'],
    });
    const [x, y] = [tf.tensor2d(IDS), tf.tensor2d(TARGETS, [2, 1])];
    await network.fit(x, y, {epochs: 2, verbose: 0});
    const before = tf.memory().numTensors;
    await network.fit(x, y, {epochs: 5, verbose: 0});
    expect(tf.memory().numTensors).toBe(before);
    expect(layers.Layer.prototype.apply).toBe(apply);
  });

  test('says what it expects', () => {
    const {loss} = problem();
    expect(() => adversarialOutputs(tf.train.sgd(1), {layers: ['nothing']}).minimize(loss)).toThrow(
      'AdversarialOutputs: expected a layer in the loss that a pattern finds, received ["nothing"]',
    );
    expect(() => adversarialOutputs(tf.train.sgd(1), {epsilon: 0})).toThrow('expected epsilon in (0, Infinity)');
  });
});
