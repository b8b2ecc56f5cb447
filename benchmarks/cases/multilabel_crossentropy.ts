import * as tf from '@tensorflow/tfjs';
import * as tfa from 'tfjs-addons';

import type {Benchmark} from '../benchmark.js';
import {normal} from '../random.js';
import {stockMultilabelLoss, stockSoftMultilabelLoss} from '../stock.js';

const [BATCH, TYPES, LENGTH] = [16, 9, 256];

const SIZES = `${BATCH} texts × ${TYPES} types × ${LENGTH}² spans`;

type Loss = (labels: tf.Tensor, logits: tf.Tensor) => tf.Tensor;

const benchmark = (
  name: string,
  title: string,
  labelsOf: (x: tf.Tensor) => tf.Tensor,
  stock: Loss,
  backends: Benchmark['backends'],
): Benchmark => ({
  name,
  title,
  backends,
  prepare() {
    const logits = normal([BATCH, TYPES, LENGTH * LENGTH], 1);
    const labels = tf.tidy(() => labelsOf(normal(logits.shape, 2)));
    return {
      inputs: {logits},
      ours: {run: () => tfa.losses.multilabelCategoricalCrossentropy(labels, logits), sources: [logits]},
      stock: {run: () => stock(labels, logits), sources: [logits]},
    };
  },
});

/** One class in 4300 is true. */
export const multilabelCrossentropy = benchmark(
  'multilabelCrossentropy',
  `loss, ${SIZES}, dense labels`,
  x => tf.cast(tf.greater(x, 3.5), 'float32'),
  stockMultilabelLoss,
  ['tensorflow', 'wasm', 'webgpu'],
);

/** Stock tfjs adds up rows one number at a time on wasm: its gradient is off by 1 %, and is compared with nothing. */
export const softMultilabelCrossentropy = benchmark(
  'softMultilabelCrossentropy',
  `loss, ${SIZES}, soft labels`,
  x => tf.clipByValue(x, 0, 1),
  stockSoftMultilabelLoss,
  ['tensorflow', 'webgpu'],
);
