import * as tf from '@tensorflow/tfjs';
import * as tfa from 'tfjs-addons';

import type {Benchmark, Case} from '../benchmark.js';
import {normal} from '../random.js';
import {stockMultilabelLoss, stockTriangle} from '../stock.js';
import {efficientGlobalPointerCase} from './efficient_global_pointer.js';
import {globalPointerCase} from './global_pointer.js';
import {stockEfficientScores, stockScores} from './span_scores.js';

const [BATCH, LENGTH, TYPES] = [8, 128, 10];

/** A head and its loss, as training runs them: ours with labels as lists, the others with labels as a dense tensor. */
function withLoss(layer: 'globalPointer' | 'efficientGlobalPointer', torch: string, head: () => Case): Benchmark {
  return {
    name: `${layer}Loss`,
    title: `${layer} as above and its loss, one entity of each of ${TYPES} types in each text`,
    backends: ['tensorflow', 'wasm'],
    torch,
    prepare() {
      const {inputs, ours, stock} = head();
      const spans = tfa.spanLabels(labels(), {heads: TYPES, maskZero: false});
      const dense = denseLabels();
      const loss = tfa.losses.sparseGlobalPointerCrossentropyLoss({maskZero: false, reduction: 'none'});
      return {
        inputs,
        ours: {...ours, run: () => loss(spans, ours.run())},
        stock: {...stock, run: () => stockMultilabelLoss(dense, tf.reshape(stock.run(), dense.shape))},
      };
    },
  };
}

export const globalPointerLoss = withLoss('globalPointer', 'global_pointer_loss', globalPointerCase);
export const efficientGlobalPointerLoss = withLoss(
  'efficientGlobalPointer',
  'efficient_global_pointer_loss',
  efficientGlobalPointerCase,
);

/** The loss from queries and keys, against scores and labels as dense tensors. */
const streamed = (batch: number, length: number): Benchmark => ({
  name: `streamedGlobalPointerLoss${length}`,
  title: `globalPointerCrossentropy, [${batch}, ${TYPES}, ${length}, 64]`,
  backends: ['webgpu', 'wasm', 'cpu'],
  prepare() {
    const [q, k] = [1, 2].map(seed => normal<tf.Rank.R4>([batch, TYPES, length, 64], seed));
    const spans = tfa.spanLabels(labels(batch), {heads: TYPES, maskZero: false});
    const dense = denseLabels(batch, length);
    const hidden = stockTriangle(length);
    const options = {maskZero: false, reduction: 'none'} as const;
    return {
      inputs: {q, k},
      ours: {run: () => tfa.globalPointerCrossentropy(spans, q, k, options), sources: [q, k]},
      stock: {
        run: () => stockMultilabelLoss(dense, tf.reshape(stockScores(q, k, hidden), dense.shape)),
        sources: [q, k],
      },
    };
  },
});

export const streamedLosses: readonly Benchmark[] = [streamed(2, 128), streamed(1, 256)];

/** The loss from queries, keys and biases, against scores and labels as dense tensors. */
const factorised = (batch: number, types: number, length: number): Benchmark => ({
  name: `factorisedGlobalPointerLoss${length}`,
  title: `efficientGlobalPointerCrossentropy, ${types} types, [${batch}, ${length}, 64]`,
  backends: ['tensorflow', 'wasm', 'webgpu', 'cpu'],
  prepare() {
    const [q, k] = [1, 2].map(seed => normal<tf.Rank.R3>([batch, length, 64], seed));
    const bias = normal<tf.Rank.R3>([batch, length, 2 * types], 3);
    const spans = tfa.spanLabels(labels(batch, types), {heads: types, maskZero: false});
    const dense = denseLabels(batch, length, types);
    const hidden = stockTriangle(length);
    const options = {maskZero: false, reduction: 'none'} as const;
    return {
      inputs: {q, k, bias},
      ours: {run: () => tfa.efficientGlobalPointerCrossentropy(spans, q, k, bias, options), sources: [q, k, bias]},
      stock: {
        run: () => stockMultilabelLoss(dense, tf.reshape(stockEfficientScores(q, k, bias, hidden), dense.shape)),
        sources: [q, k, bias],
      },
    };
  },
});

export const factorisedLosses: readonly Benchmark[] = [factorised(2, 10, 128), factorised(1, 50, 256)];

/** Text b has an entity of three tokens of type h at 3 h + b. */
const labels = (batch = BATCH, types = TYPES) =>
  Array.from({length: batch}, (_, b) =>
    Array.from({length: types}, (_, head) => ({head, start: 3 * head + b, end: 3 * head + b + 2})),
  );

/** The same, `[B, H, T²]`. */
function denseLabels(batch = BATCH, length = LENGTH, types = TYPES): tf.Tensor {
  const values = new Float32Array(batch * types * length * length);
  for (const [b, spans] of labels(batch, types).entries()) {
    for (const {head, start, end} of spans) values[((b * types + head) * length + start) * length + end] = 1;
  }
  return tf.tensor(values, [batch, types, length * length]);
}
