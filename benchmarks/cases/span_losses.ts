import * as tf from '@tensorflow/tfjs';
import * as tfa from 'tfjs-addons';

import type {Benchmark, Case} from '../benchmark.js';
import {stockMultilabelLoss} from '../stock.js';
import {efficientGlobalPointerCase} from './efficient_global_pointer.js';
import {globalPointerCase} from './global_pointer.js';

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

/** Text b has an entity of three tokens of type h at 3 h + b. */
const labels = () =>
  Array.from({length: BATCH}, (_, b) =>
    Array.from({length: TYPES}, (_, head) => ({head, start: 3 * head + b, end: 3 * head + b + 2})),
  );

/** The same, `[B, H, T²]`. */
function denseLabels(): tf.Tensor {
  const values = new Float32Array(BATCH * TYPES * LENGTH * LENGTH);
  for (const [b, spans] of labels().entries()) {
    for (const {head, start, end} of spans) values[((b * TYPES + head) * LENGTH + start) * LENGTH + end] = 1;
  }
  return tf.tensor(values, [BATCH, TYPES, LENGTH * LENGTH]);
}
