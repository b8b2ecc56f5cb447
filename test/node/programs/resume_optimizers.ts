/**
 * resume_optimizers.ts <phase> <folder>: trains a model under each of some nested optimizers and prints its weights
 * and the optimizer's.
 *   whole   trains ten steps
 *   first   trains five, which ends inside every cycle, and saves
 *   second  loads, in a process of its own, and trains five
 */
import * as tf from '@tensorflow/tfjs-core';
import {type LayersModel, layers, sequential} from '@tensorflow/tfjs-layers';

import {lazyEmbedding} from '../../../src/layers/index.js';
import {loadModel, saveModel} from '../../../src/models/index.js';
import {
  accumulateGradients,
  adamW,
  averageWeights,
  clipGradients,
  egStepSize,
  lazyAdam,
  lion,
  lookahead,
  schedule,
} from '../../../src/optimizers/index.js';
import {startBackend} from '../start_backend.js';

const OPTIMIZERS: Record<string, () => tf.Optimizer> = {
  lookahead: () => lookahead(adamW(0.05), {syncPeriod: 3}),
  'lookahead, pullback': () => lookahead(tf.train.momentum(0.05, 0.9), {syncPeriod: 3, innerState: 'pullback'}),
  accumulateGradients: () => accumulateGradients(tf.train.adam(0.05, 0.9, 0.999, 1e-7), {steps: 3}),
  schedule: () => schedule(lion(0.05), {kind: 'cosine', decaySteps: 20, warmupSteps: 7}),
  averageWeights: () => averageWeights(egStepSize(0.05), {decay: 0.9, period: 2}),
  lazyAdam: () => lazyAdam(0.05),
  'all of them': () => {
    const rates = schedule(lazyAdam(0.05), {kind: 'linear', decaySteps: 20});
    const accumulated = accumulateGradients(clipGradients(rates, {globalNorm: 0.5}), {steps: 2});
    return averageWeights(lookahead(accumulated, {syncPeriod: 3}), {decay: 0.9});
  },
};

const [, , phase, folder] = process.argv;
await startBackend();

const X = tf.tensor2d([1, 2, 3, 4, 5, 5, 1, 2, 2, 6, 4, 4, 1, 0, 3], [5, 3]);
const Y = tf.tensor2d([0.5, -1, 2, 0, 1], [5, 1]);

function newModel(optimizer: tf.Optimizer, name: string): LayersModel {
  const model = sequential({
    layers: [
      lazyEmbedding({inputDim: 7, outputDim: 6, inputLength: 3, name: `${name}-table`}),
      layers.flatten(),
      layers.dense({units: 5, activation: 'tanh', name: `${name}-hidden`}),
      layers.dense({units: 1, name: `${name}-out`}),
    ],
  });
  model.setWeights(model.weights.map(({shape}, i) => tf.randomNormal(shape as number[], 0, 0.5, 'float32', i + 1)));
  model.compile({optimizer, loss: 'meanSquaredError'});
  return model;
}

const valuesOf = (tensors: tf.Tensor[]) => Promise.all(tensors.map(async tensor => [...(await tensor.data())]));

const results: Record<string, unknown> = {};
for (const [i, name] of Object.keys(OPTIMIZERS).entries()) {
  const url = `file://${folder}/${i}`;
  const model = phase === 'second' ? await loadModel(url) : newModel(OPTIMIZERS[name](), `model${i}`);
  const settings = {batchSize: 1, epochs: phase === 'whole' ? 2 : 1, shuffle: false, verbose: 0} as const;
  await model.fit(X, Y, settings);
  if (phase === 'first') await saveModel(model, url);
  const state = await model.optimizer.getWeights();
  results[name] = {
    weights: await valuesOf(model.getWeights()),
    names: state.map(({name: key}) => key),
    state: await valuesOf(state.map(({tensor}) => tensor)),
  };
}
console.log(JSON.stringify(results));
