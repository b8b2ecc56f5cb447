import * as tf from '@tensorflow/tfjs';
import * as tfa from 'tfjs-addons';

import type {GrowthBenchmark, Program} from '../benchmark.js';
import {elu1, prefixSums, quadraticForm} from '../linear_forms.js';
import {normal} from '../random.js';

const [HEADS, SIZE, FEATURES] = [2, 32, 64];
const EPSILON = 1e-6;
/** Rivals are left out where their largest tensor has more bytes. */
const LARGEST_TENSOR = 2 ** 24;

export const linearAttentionGrowth: GrowthBenchmark = {
  name: 'linearAttentionGrowth',
  title: `linearAttention, elu + 1, [1, ${HEADS}, T, ${SIZE}]`,
  prepare: length => elu(length, false),
};

export const causalLinearAttentionGrowth: GrowthBenchmark = {
  name: 'causalLinearAttentionGrowth',
  title: `linearAttention, causal, elu + 1, [1, ${HEADS}, T, ${SIZE}]`,
  prepare: length => elu(length, true),
};

export const performerAttentionGrowth: GrowthBenchmark = {
  name: 'performerAttentionGrowth',
  title: `performerAttention, causal, ${FEATURES} features, [1, ${HEADS}, T, ${SIZE}]`,
  prepare(length) {
    const [q, k, v] = inputs(length, 0.5);
    const omega = tfa.orthogonalRandomFeatures(FEATURES, SIZE, {seed: 4});
    const features = (x: tf.Tensor4D, query: boolean) =>
      tfa.favorPlusFeatures(x, omega, {isQuery: query, stabilizer: 'fixed'}) as tf.Tensor4D;
    const ours = () => tfa.performerAttention(q, k, v, omega, {causal: true});
    return {
      ours: {run: ours, sources: [q, k, v]},
      rivals: rivals(length, [q, k, v], true, 0, x => [features(x[0], true), features(x[1], false)]),
    };
  },
};

function elu(length: number, causal: boolean) {
  const [q, k, v] = inputs(length, 1);
  return {
    ours: {run: () => tfa.linearAttention(q, k, v, {causal}), sources: [q, k, v]},
    rivals: rivals(length, [q, k, v], causal, EPSILON, ([q, k]) => [elu1(q), elu1(k)]),
  };
}

const inputs = (length: number, scale: number): tf.Tensor4D[] =>
  [1, 2, 3].map(seed => normal<tf.Rank.R4>([1, HEADS, length, SIZE], seed, seed === 3 ? 1 : scale));

function rivals(
  length: number,
  sources: tf.Tensor4D[],
  causal: boolean,
  epsilon: number,
  features: (x: tf.Tensor4D[]) => tf.Tensor4D[],
): Record<string, Program> {
  const [q, k, v] = sources;
  const stock = (run: () => tf.Tensor): Program => ({run, sources, onStockKernels: true});
  const bytes = {quadratic: 4 * HEADS * length ** 2, prefix: 4 * HEADS * length * FEATURES * SIZE};
  const all: Record<string, Program> = {};
  if (bytes.quadratic <= LARGEST_TENSOR) {
    all.quadratic = stock(() => {
      const [queries, keys] = features([q, k]);
      return quadraticForm(queries, keys, v, epsilon, causal);
    });
  }
  const sumsRight = tf.getBackend() !== 'webgpu'; // its reverse cumsum is wrong for the second length
  if (causal && sumsRight && bytes.prefix <= LARGEST_TENSOR) {
    all['prefix sums'] = stock(() => {
      const [queries, keys] = features([q, k]);
      return prefixSums(queries, keys, v, epsilon);
    });
  }
  return all;
}
