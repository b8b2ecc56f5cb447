import * as tf from '@tensorflow/tfjs';
import * as tfa from 'tfjs-addons';

import type {Benchmark, Case} from '../benchmark.js';
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
        stock: {...stock, run: () => stockLoss(dense, stock.run())},
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

/** Multi-label softmax cross-entropy as in bert4keras: both logarithms over all cells, the other kind pushed away. */
function stockLoss(labels: tf.Tensor, scores: tf.Tensor): tf.Tensor {
  const signed = tf.mul(tf.sub(1, tf.mul(labels, 2)), tf.reshape(scores, labels.shape));
  const zero = tf.zeros([BATCH, TYPES, 1]);
  const [negative, positive] = [labels, tf.sub(1, labels)].map(others =>
    tf.logSumExp(tf.concat([tf.sub(signed, tf.mul(others, 1e12)), zero], 2), 2),
  );
  return tf.add(negative, positive);
}
