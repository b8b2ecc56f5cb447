import type * as tf from '@tensorflow/tfjs';
import * as tfa from 'tfjs-addons';

import type {Benchmark} from '../benchmark.js';
import {chunkedForm, elu1, prefixSums} from '../linear_forms.js';
import {normal} from '../random.js';

const SHAPE: [number, number, number, number] = [1, 4, 512, 64];

/** Against prefix sums as one would write them: all outer products k vᵀ, then a cumulative sum over positions. */
export const causalLinearAttention: Benchmark = {
  name: 'causalLinearAttention',
  title: `linearAttention, causal, elu + 1, [${SHAPE}], against naive prefix sums`,
  backends: ['tensorflow', 'wasm', 'webgpu'],
  prepare() {
    const [q, k, v] = [1, 2, 3].map(seed => normal<tf.Rank.R4>(SHAPE, seed));
    return {
      inputs: {q, k, v},
      ours: {run: () => tfa.linearAttention(q, k, v, {causal: true}), sources: [q, k, v]},
      stock: {run: () => prefixSums(elu1(q), elu1(k), v, 1e-6), sources: [q, k, v]},
    };
  },
};

/** The product alone, against chunks of 64 rows from composed ops. */
export const causalProduct: Benchmark = {
  name: 'causalProduct',
  title: `linearAttention, causal, identity without normaliser, [${SHAPE}], against composed chunks`,
  backends: ['webgpu'],
  prepare() {
    const [q, k, v] = [1, 2, 3].map(seed => normal<tf.Rank.R4>(SHAPE, seed));
    return {
      inputs: {q, k, v},
      ours: {run: () => tfa.linearAttention(q, k, v, {causal: true, featureMap: 'identity'}), sources: [q, k, v]},
      stock: {run: () => chunkedForm(q, k, v, 64), sources: [q, k, v]},
    };
  },
};
