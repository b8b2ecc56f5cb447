/**
 * Optimizer steps against `tf.train.adam`, both in one run: `npm run bench -- --optimizers --backend wasm`, or
 * `node scripts/bench.mjs`'s bundle of this file.
 *
 * - dense: 100 variables of 64 × 64, gradients given.
 * - rows: a step that looks 256 rows of V × 128 up, with loss, gradient and update, for several V.
 *
 * Time is that of the process on all its threads: other work on the machine does not count, waiting neither.
 */
import {parseArgs} from 'node:util';

import * as tf from '@tensorflow/tfjs';
import * as tfa from 'tfjs-addons';

import type {BackendName} from './benchmark.js';
import {hardware, startBackend} from './harness/backend.js';

const {values: options} = parseArgs({
  strict: false,
  options: {
    backend: {type: 'string', default: 'wasm'},
    rows: {type: 'string', default: '5000,50000,500000'},
    rounds: {type: 'string', default: '20'},
  },
});
const backend = options.backend as BackendName;
const rounds = Number(options.rounds);

/** Rows up to which the dense gradient of tfjs takes seconds at most. */
const STOCK_ROWS: Record<BackendName, number> = {cpu: 0, wasm: 50000, webgpu: 50000, tensorflow: 500000};

await startBackend(backend);
console.log(JSON.stringify(await hardware(backend)));
await benchDense();
for (const size of String(options.rows).split(',').map(Number)) await benchRows(size);
process.exit(); // Dawn keeps its threads

async function benchDense(): Promise<void> {
  const shape = [64, 64];
  const make = () => Array.from({length: 100}, () => tf.variable(tf.fill(shape, 0.5)));
  const gradients = Array.from({length: 100}, (_, i) => tf.fill(shape, 0.01 * (i - 50)));
  const stepOf = (optimizer: tf.Optimizer) => {
    const list = make().map(({name}, i) => ({name, tensor: gradients[i]}));
    return () => optimizer.applyGradients(list);
  };
  report('100 variables of 64 x 64', {
    'tf.train.adam': await smallestTime(stepOf(tf.train.adam(1e-3))),
    'tfa.train.adamW': await smallestTime(stepOf(tfa.train.adamW(1e-3))),
  });
}

async function benchRows(size: number): Promise<void> {
  const ids = tf.tensor2d(
    Int32Array.from({length: 256}, (_, i) => (i * 7919) % size),
    [1, 256],
    'int32',
  );
  const stepOf = (optimizer: tf.Optimizer, layer: tf.layers.Layer) => {
    layer.apply(ids);
    const [table] = layer.getWeights() as tf.Variable[];
    return () => optimizer.minimize(() => tf.sum(tf.square(layer.apply(ids) as tf.Tensor)), false, [table]);
  };
  const args = {inputDim: size, outputDim: 128, embeddingsInitializer: 'ones' as const};
  const times: Record<string, number> = {};
  const lazy = tfa.layers.lazyEmbedding(args);
  times['tfa.train.lazyAdam'] = await smallestTime(stepOf(tfa.train.lazyAdam(1e-3), lazy));
  lazy.dispose();
  if (size <= STOCK_ROWS[backend]) {
    const stock = tf.layers.embedding(args);
    times['tf.train.adam'] = await smallestTime(stepOf(tf.train.adam(1e-3), stock), size > 50000 ? 3 : rounds);
    stock.dispose();
  }
  report(`256 rows of ${size} x 128`, times);
}

/** Milliseconds of processor time of the fastest of `count` steps. */
async function smallestTime(step: () => unknown, count = rounds): Promise<number> {
  let smallest = Infinity;
  for (let round = -2; round < count; round++) {
    const start = process.cpuUsage();
    step();
    await finished();
    const {user, system} = process.cpuUsage(start);
    if (round >= 0) smallest = Math.min(smallest, (user + system) / 1000);
  }
  return smallest;
}

async function finished(): Promise<void> {
  if (backend !== 'webgpu') return;
  const gpu = tf.backend() as unknown as {
    endComputePassEncoder(): void;
    submitQueue(): void;
    queue: GPUQueue;
    commandEncoder: unknown;
  };
  if (gpu.commandEncoder) {
    gpu.endComputePassEncoder();
    gpu.submitQueue();
  }
  await gpu.queue.onSubmittedWorkDone();
}

function report(title: string, times: Record<string, number>): void {
  const entries = Object.entries(times).map(([name, time]) => `${name} ${time.toFixed(2)} ms`);
  const [ours, stock] = [Object.keys(times).find(name => name.startsWith('tfa'))!, 'tf.train.adam'];
  const ratio = times[stock] === undefined ? '' : `; ${(times[stock] / times[ours]).toFixed(1)} times as fast`;
  console.log(`${backend}, ${title}: ${entries.join(', ')}${ratio}`);
}
