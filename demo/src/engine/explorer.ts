import * as tf from '@tensorflow/tfjs';
import * as tfa from 'tfjs-addons';

import {ATTENTIONS, type AttentionName, type Distribution, type ExplorerRequest} from './protocol.ts';

const QUERIES = 24;
const SEED = 7;

/** Points of the curve over the strongest keys: all of the first few, then ever fewer. */
const RANKS = [1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64, 96, 128, 192, 256, 384, 512, 768, 1024];

/**
 * How each kind of attention distributes its weight over `length` random keys, when each query is made from one of
 * them: k ~ N(0, 1), q = (k_match + ε) / √2, so that q · k_match / √D is about √(D / 2) and the others are N(0, 1).
 */
export async function explore({length, headSize}: ExplorerRequest): Promise<Distribution[]> {
  const all = await weights(length, headSize);
  return all.map(([attention, rows]) => ({
    attention,
    cumulative: cumulativeOf(rows),
    match: mean(rows.map((row, i) => row[i])),
    entropy: mean(rows.map(entropyOf)),
  }));
}

/** The weights of each query, scaled to the sum 1; query i was made from key i. */
async function weights(length: number, headSize: number): Promise<[AttentionName, Float32Array[]][]> {
  const all = tf.tidy(() => {
    const keys = tf.randomNormal<tf.Rank.R3>([1, length, headSize], 0, 1, 'float32', SEED);
    const noise = tf.randomNormal([1, QUERIES, headSize], 0, 1, 'float32', SEED + 1);
    const matches = tf.slice(keys, [0, 0, 0], [1, Math.min(QUERIES, length), headSize]);
    const queries = tf.mul(tf.add(matches, tf.slice(noise, [0, 0, 0], matches.shape)), Math.SQRT1_2) as tf.Tensor3D;
    return ATTENTIONS.map(name => tf.squeeze(WEIGHTS[name](queries, keys), [0]) as tf.Tensor2D);
  });
  const values = await Promise.all(all.map(tensor => tensor.data()));
  tf.dispose(all);
  return ATTENTIONS.map((name, i) => [name, rowsOf(values[i] as Float32Array, length)]);
}

/** `[1, T, S]`. Linear forms never make their weights: attention to one-hot values shows them. */
const WEIGHTS: Record<AttentionName, (q: tf.Tensor3D, k: tf.Tensor3D) => tf.Tensor3D> = {
  softmax: (q, k) => tfa.attentionWeights(q, k),
  softmaxPlus: (q, k) => tfa.attentionWeights(q, k, {normalization: 'softmaxPlus'}),
  squaredRelu: (q, k) => tfa.attentionWeights(q, k, {normalization: 'squaredRelu'}),
  linear: (q, k) => tfa.linearAttention(q, k, oneHot(k)),
  performer: (q, k) => {
    const [, , headSize] = k.shape;
    return tfa.performerAttention(q, k, oneHot(k), tfa.orthogonalRandomFeatures(2 * headSize, headSize, {seed: SEED}));
  },
};

const oneHot = ({shape: [, length]}: tf.Tensor3D): tf.Tensor3D => tf.expandDims(tf.eye(length), 0);

function rowsOf(values: Float32Array, length: number): Float32Array[] {
  return Array.from({length: values.length / length}, (_, row) => {
    const weights = values.slice(row * length, (row + 1) * length);
    const sum = weights.reduce((total, weight) => total + weight, 0);
    return sum > 0 ? weights.map(weight => weight / sum) : weights;
  });
}

const entropyOf = (row: Float32Array): number =>
  row.reduce((sum, weight) => (weight > 0 ? sum - weight * Math.log(weight) : sum), 0);

function cumulativeOf(rows: Float32Array[]): [number, number][] {
  const sorted = rows.map(row => row.slice().sort((a, b) => b - a));
  const shareOf = (keys: number) => mean(sorted.map(row => row.subarray(0, keys).reduce((a, b) => a + b, 0)));
  const {length} = rows[0];
  return [...RANKS.filter(rank => rank < length), length].map(rank => [rank, shareOf(rank)]);
}

const mean = (values: number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
