import * as tf from '@tensorflow/tfjs';
import * as tfa from 'tfjs-addons';

import type {Benchmark} from '../benchmark.js';
import {normal} from '../random.js';

const [BATCH, LENGTH, WIDTH] = [16, 48, 128];

export const rmsNormalization: Benchmark = {
  name: 'rmsNormalization',
  title: `rmsNormalization, [${BATCH},${LENGTH},${WIDTH}]`,
  backends: ['tensorflow', 'wasm', 'cpu', 'webgpu'],
  prepare() {
    const x = normal([BATCH, LENGTH, WIDTH], 1);
    const gamma = normal([WIDTH], 2) as tf.Tensor1D;
    return {
      inputs: {x, gamma},
      ours: {run: () => tfa.rmsNormalization(x, {gamma}), sources: [x, gamma]},
      stock: {
        run: () => {
          const meanSquare = tf.mean(tf.square(x), -1, true);
          return tf.mul(tf.mul(x, tf.rsqrt(tf.add(meanSquare, 1e-7))), gamma);
        },
        sources: [x, gamma],
      },
    };
  },
};
