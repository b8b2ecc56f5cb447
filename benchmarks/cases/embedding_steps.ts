import * as tf from '@tensorflow/tfjs';
import * as tfa from 'tfjs-addons';

import type {BackendName, Loop, StepBenchmark} from '../benchmark.js';

const [TOUCHED, WIDTH] = [256, 128];

/** Distinct for every table of more rows than these. */
const rowsOf = (size: number): tf.Tensor2D =>
  tf.tensor2d(
    Int32Array.from({length: TOUCHED}, (_, i) => (i * 7919) % size),
    [1, TOUCHED],
    'int32',
  );

/** Lookup, loss, gradient and update of a table whose values are all one. */
function loop(layer: tf.layers.Layer, optimizer: tf.Optimizer, size: number): Loop {
  const ids = rowsOf(size);
  layer.apply(ids); // builds
  const variables = layer.trainableWeights.map(weight => weight.read() as tf.Variable);
  const loss = () => tf.sum(tf.square(layer.apply(ids) as tf.Tensor)) as tf.Scalar;
  return {variables, step: () => optimizer.minimize(loss, false, variables)};
}

const tableOf = (size: number) => ({inputDim: size, outputDim: WIDTH, embeddingsInitializer: 'ones' as const});

const lazyLoop = (size: number): Loop =>
  loop(tfa.layers.lazyEmbedding(tableOf(size)), tfa.train.lazyAdam(1e-3, {epsilonMode: 'algorithm1'}), size);

/** On the kernels of this package: stock tfjs cannot do it on wasm and takes minutes on cpu. */
const stockLoop = (size: number): Loop =>
  loop(tf.layers.embedding(tableOf(size)), tf.train.adam(1e-3, 0.9, 0.999, 1e-7), size);

/** Those that the loop looks up. */
function touchedRows({variables: [table]}: Loop): tf.Tensor[] {
  return tf.tidy(() => [tf.gather(table, rowsOf(table.shape[0]).flatten())]);
}

const againstAdam = (name: string, size: number, backends: readonly BackendName[]): StepBenchmark => ({
  name,
  title: `lazyAdam, ${TOUCHED} rows of ${size} × ${WIDTH}; stock: tf.train.adam`,
  backends,
  prepareLoops: () => ({ours: lazyLoop(size), stock: stockLoop(size)}),
  compared: touchedRows,
});

export const embeddingSteps = againstAdam('embeddingSteps', 50_000, ['tensorflow', 'wasm', 'webgpu']);

export const largeEmbeddingSteps = againstAdam('largeEmbeddingSteps', 500_000, ['tensorflow']);

/** Whether a step costs what it touches, whatever the size of the table. */
export const embeddingGrowth: StepBenchmark = {
  name: 'embeddingGrowth',
  title: `lazyAdam, ${TOUCHED} rows of 500000 × ${WIDTH}; stock: the same of 5000 × ${WIDTH}`,
  backends: ['tensorflow', 'wasm', 'cpu', 'webgpu'],
  prepareLoops: () => ({ours: lazyLoop(500_000), stock: lazyLoop(5000)}),
  compared: touchedRows,
};
