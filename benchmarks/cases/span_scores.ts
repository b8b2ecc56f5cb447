import * as tf from '@tensorflow/tfjs';
import * as tfa from 'tfjs-addons';

import type {Benchmark} from '../benchmark.js';
import {normal} from '../random.js';
import {stockTriangle, upperCotangent} from '../stock.js';

const [BATCH, TYPES, LENGTH, SIZE] = [8, 10, 128, 64];

const globalPointerScores: Benchmark = {
  name: 'globalPointerScores',
  title: `globalPointerScores, [${BATCH}, ${TYPES}, ${LENGTH}, ${SIZE}]`,
  backends: ['tensorflow', 'wasm', 'webgpu', 'cpu'],
  prepare() {
    const [q, k] = [1, 2].map(seed => normal<tf.Rank.R4>([BATCH, TYPES, LENGTH, SIZE], seed));
    const hidden = stockTriangle(LENGTH);
    return {
      inputs: {q, k},
      cotangent: upperCotangent(normal([BATCH, TYPES, LENGTH, LENGTH], 4)),
      ours: {run: () => tfa.globalPointerScores(q, k), sources: [q, k]},
      stock: {run: () => stockScores(q, k, hidden), sources: [q, k]},
    };
  },
};

const efficientGlobalPointerScores: Benchmark = {
  name: 'efficientGlobalPointerScores',
  title: `efficientGlobalPointerScores, ${TYPES} types, [${BATCH}, ${LENGTH}, ${SIZE}]`,
  backends: ['tensorflow', 'wasm', 'webgpu', 'cpu'],
  prepare() {
    const [q, k] = [1, 2].map(seed => normal<tf.Rank.R3>([BATCH, LENGTH, SIZE], seed));
    const bias = normal<tf.Rank.R3>([BATCH, LENGTH, 2 * TYPES], 3);
    const hidden = stockTriangle(LENGTH);
    return {
      inputs: {q, k, bias},
      cotangent: upperCotangent(normal([BATCH, TYPES, LENGTH, LENGTH], 4)),
      ours: {run: () => tfa.efficientGlobalPointerScores(q, k, bias), sources: [q, k, bias]},
      stock: {run: () => stockEfficientScores(q, k, bias, hidden), sources: [q, k, bias]},
    };
  },
};

export const spanScores: readonly Benchmark[] = [globalPointerScores, efficientGlobalPointerScores];

/** Scores of queries and keys of width 64. */
export const stockScores = (q: tf.Tensor4D, k: tf.Tensor4D, hidden: tf.Tensor): tf.Tensor =>
  tf.add(tf.mul(tf.matMul(q, k, false, true), 1 / 8), hidden);

/** The same of all types by factors. */
export function stockEfficientScores(q: tf.Tensor3D, k: tf.Tensor3D, bias: tf.Tensor3D, hidden: tf.Tensor): tf.Tensor {
  const [batch, length, channels] = bias.shape;
  const spans = tf.expandDims(tf.mul(tf.matMul(q, k, false, true), 1 / 8), 1);
  const byType = tf.reshape(tf.transpose(bias, [0, 2, 1]), [batch, channels / 2, 2, length]);
  const [ends, starts] = tf.split(byType, 2, 2);
  const scores = tf.add(tf.add(spans, ends), tf.reshape(starts, [batch, channels / 2, length, 1]));
  return tf.add(scores, hidden);
}
