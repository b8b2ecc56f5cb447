import {expect, test} from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import {io} from '@tensorflow/tfjs-core';
import {layers, loadLayersModel, sequential} from '@tensorflow/tfjs-layers';

import {setUpTfjs} from '../../src/internal/setup.js';
import * as train from '../../src/optimizers/index.js';

setUpTfjs(); // the gradient of gather on wasm

const [ROWS, WIDTH] = [5, 3];

async function loadedBesideTheFirst() {
  const model = sequential({
    layers: [
      layers.embedding({inputDim: ROWS, outputDim: WIDTH, inputLength: 2, name: `table-${Math.random()}`}),
      layers.flatten(),
      layers.dense({units: 1, kernelInitializer: 'ones'}),
    ],
  });
  let saved: io.ModelArtifacts | undefined;
  await model.save(
    io.withSaveHandler(async artifacts => {
      saved = artifacts;
      return {modelArtifactsInfo: {dateSaved: new Date(), modelTopologyType: 'JSON'}};
    }),
  );
  const loaded = await loadLayersModel(io.fromMemory(saved!));
  const table = loaded.layers[0].trainableWeights[0].read() as tf.Variable;
  expect(table.name).toMatch(/embeddings_\d+$/); // tfjs gave it a number
  const x = tf.tensor2d([1, 2], [1, 2]);
  const loss = () => tf.sum(tf.square(loaded.apply(x) as tf.Tensor)) as tf.Scalar;
  return {table, loss, variables: loaded.trainableWeights.map(weight => weight.read() as tf.Variable)};
}

const rowsMoved = async (table: tf.Variable, step: () => unknown): Promise<number[]> => {
  const before = (await table.data()).slice();
  step();
  const after = await table.data();
  return Array.from({length: ROWS}, (_, row) => row).filter(row =>
    Array.from({length: WIDTH}, (_, i) => row * WIDTH + i).some(i => before[i] !== after[i]),
  );
};

/** Momenta that move untouched rows too, unless the table is recognised. */
const DRIFTING: Record<string, () => tf.Optimizer> = {
  lazy: () => train.lazy(tf.train.momentum(0.1, 0.9)),
  lazyAdam: () => train.lazyAdam(0.1),
};

test.each(Object.keys(DRIFTING))('%s spares untouched rows of a table in a loaded model', async name => {
  const {table, loss, variables} = await loadedBesideTheFirst();
  const optimizer = DRIFTING[name]();
  const grads = Object.fromEntries(variables.map(({name: key, shape}) => [key, tf.ones(shape)]));
  optimizer.applyGradients(grads); // gives every row a momentum
  expect(await rowsMoved(table, () => optimizer.minimize(loss, false, variables))).toEqual([1, 2]);
});

test('adversarial and gradientPenalty find the table of a loaded model', async () => {
  const {table, loss, variables} = await loadedBesideTheFirst();
  for (const optimizer of [
    train.adversarial(tf.train.sgd(0.1)),
    train.gradientPenalty(tf.train.sgd(0.1), {lambda: 0.1}),
  ]) {
    expect(await rowsMoved(table, () => optimizer.minimize(loss, false, variables))).toEqual([1, 2]);
  }
});
