import * as tf from '@tensorflow/tfjs';
import * as tfa from 'tfjs-addons';

import type {Benchmark} from '../benchmark.js';
import {normal} from '../random.js';

const SHAPE: [number, number, number, number] = [8, 12, 128, 64];

/** The attention product alone, as in a BERT base layer. */
export const attention: Benchmark = {
  name: 'attention',
  title: `scaledDotProductAttention, [${SHAPE}]`,
  backends: ['tensorflow', 'wasm', 'webgpu'],
  torch: 'attention',
  prepare() {
    const [q, k, v] = [1, 2, 3].map(seed => normal<tf.Rank.R4>(SHAPE, seed));
    const scale = 1 / Math.sqrt(SHAPE[3]);
    return {
      inputs: {q, k, v},
      ours: {run: () => tfa.scaledDotProductAttention(q, k, v), sources: [q, k, v]},
      stock: {
        run: () => tf.matMul(tf.softmax(tf.mul(tf.matMul(q, k, false, true), scale)), v),
        sources: [q, k, v],
      },
    };
  },
};
