import * as tf from '@tensorflow/tfjs';
import * as tfa from 'tfjs-addons';

import type {Benchmark} from '../benchmark.js';
import {normal} from '../random.js';
import {stockMultilabelLoss} from '../stock.js';

const [BATCH, TYPES, LENGTH] = [16, 9, 256];

export const multilabelCrossentropy: Benchmark = {
  name: 'multilabelCrossentropy',
  title: `loss, ${BATCH} texts × ${TYPES} types × ${LENGTH}² spans, dense labels`,
  backends: ['tensorflow', 'wasm', 'webgpu'],
  prepare() {
    const logits = normal([BATCH, TYPES, LENGTH * LENGTH], 1);
    const labels = tf.tidy(() => tf.cast(tf.greater(normal(logits.shape, 2), 3.5), 'float32')); // one in 4300
    return {
      inputs: {logits},
      ours: {run: () => tfa.losses.multilabelCategoricalCrossentropy(labels, logits), sources: [logits]},
      stock: {run: () => stockMultilabelLoss(labels, logits), sources: [logits]},
    };
  },
};
