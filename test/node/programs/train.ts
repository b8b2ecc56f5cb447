/**
 * train.ts <phase> <folder>: prints the losses of the last two epochs and the weights after them.
 *   whole   trains four epochs
 *   first   trains two and saves
 *   second  loads, in a process of its own, and trains two
 */
import * as tf from '@tensorflow/tfjs-core';
import {type LayersModel, layers, sequential} from '@tensorflow/tfjs-layers';

import {globalPointer, seededDropout} from '../../../src/layers/index.js';
import {sparseGlobalPointerCrossentropyLoss} from '../../../src/losses/index.js';
import {loadModel, saveModel} from '../../../src/models/index.js';
import {adamW, lookahead, schedule} from '../../../src/optimizers/index.js';
import {startBackend} from '../start_backend.js';

const [, , phase, folder] = process.argv;
await startBackend();

const X = tf.tensor2d([1, 2, 3, 4, 0, 5, 5, 1, 2, 6, 4, 4, 1, 0, 3], [3, 5]);
const SPANS = tf.tensor4d([0, 1, 2, 2, 3, 4, 0, 0, 1, 3, 4, 4], [3, 2, 1, 2]);

function newModel(): LayersModel {
  const model = sequential({
    layers: [
      layers.embedding({inputDim: 7, outputDim: 6, inputLength: 5}),
      seededDropout({rate: 0.3}),
      globalPointer({heads: 2, headSize: 4}),
    ],
  });
  model.setWeights(model.weights.map(({shape}, i) => tf.randomNormal(shape as number[], 0, 0.5, 'float32', i + 1)));
  const [dropout] = model.layers.filter(({name}) => name.startsWith('seeded'));
  (dropout as unknown as {setRuntimeState(state: object): void}).setRuntimeState({seed: 3, step: 0});
  const optimizer = lookahead(schedule(adamW(0.05), {kind: 'linear', decaySteps: 20}), {syncPeriod: 3});
  model.compile({optimizer, loss: sparseGlobalPointerCrossentropyLoss({threshold: 0.5})});
  return model;
}

async function train(model: LayersModel, epochs: number): Promise<unknown[]> {
  const {history} = await model.fit(X, SPANS, {epochs, batchSize: 2, shuffle: false, verbose: 0});
  return history.loss.slice(-2);
}

const model = phase === 'second' ? await loadModel(`file://${folder}`) : newModel();
const losses = await train(model, phase === 'whole' ? 4 : 2);
if (phase === 'first') await saveModel(model, `file://${folder}`);
const weights = await Promise.all(model.getWeights().map(async weight => [...(await weight.data())]));
console.log(JSON.stringify({losses, weights}));
