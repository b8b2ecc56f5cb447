import * as tf from '@tensorflow/tfjs';
import * as tfa from 'tfjs-addons';

import type {Benchmark} from '../benchmark.js';
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
      stock: {run: () => prefixSums(q, k, v), sources: [q, k, v]},
    };
  },
};

/** Positions are the last axis of the cumulative sums: on others the gradient of `tf.cumsum` is wrong. */
function prefixSums(q: tf.Tensor4D, k: tf.Tensor4D, v: tf.Tensor4D): tf.Tensor4D {
  const [batch, heads, length, size] = q.shape;
  const groups = batch * heads;
  const [queries, keys] = [q, k].map(x => tf.reshape(tf.add(tf.elu(x), 1), [groups, length, size]));
  const values = tf.reshape(v, [groups, length, size]);
  const products = tf.reshape(tf.mul(tf.expandDims(keys, 3), tf.expandDims(values, 2)), [groups, length, size * size]);
  const sums = tf.reshape(cumulative(products as tf.Tensor3D), [groups, length, size, size]);
  const numerator = tf.sum(tf.mul(tf.expandDims(queries, 3), sums), 2);
  const denominator = tf.sum(tf.mul(queries, cumulative(keys as tf.Tensor3D)), -1, true);
  return tf.reshape(tf.div(numerator, tf.add(denominator, 1e-6)), q.shape);
}

/** Cumulative sums over axis 1 of `[G, T, E]`. */
function cumulative(x: tf.Tensor3D): tf.Tensor3D {
  const [groups, length, size] = x.shape;
  const rows = tf.reshape(tf.transpose(x, [0, 2, 1]), [groups * size, length]);
  return tf.transpose(tf.reshape(tf.cumsum(rows, 1), [groups, size, length]) as tf.Tensor3D, [0, 2, 1]);
}
