import * as tf from '@tensorflow/tfjs-core';

import {causalMask} from '../../internal/causal_mask.js';
import {exclusiveSums} from '../../internal/exclusive_sums.js';
import {keyValueSums, readSums} from '../linear_attention/products.js';
import {intoChunks} from '../linear_attention/reference.js';
import type {MixedChunkInputs, MixedChunkSettings} from './options.js';

type Settings = Required<MixedChunkSettings>;

/** Mixed chunk attention from composed tfjs ops; `keep` is `[B, T, 1]`, 1 for the keys to keep, or absent. */
export function mixedChunkReference(
  inputs: MixedChunkInputs<tf.Tensor3D>,
  settings: Settings,
  keep: tf.Tensor3D | undefined,
  bias: tf.Tensor | undefined,
): tf.Tensor3D {
  const {quadQuery, quadKey, value} = inputs;
  const [batch, length, channels] = value.shape;
  const rows = Math.min(settings.chunkSize, length);
  const chunks = Math.ceil(length / rows);
  const isFull = chunks * rows === length;
  const kept = keep ?? (isFull || bias === undefined ? undefined : tf.ones([batch, length, 1])); // a bias reaches padding
  const [queries, keys, values] = [quadQuery, quadKey, value].map(x => intoChunks(x, chunks, rows));
  const weights = chunkWeights(queries, keys, settings, bias);
  const seen = kept && tf.transpose(intoChunks(kept as tf.Tensor3D, chunks, rows), [0, 2, 1]); // [B·N, 1, C]
  const visible = [seen, settings.causal ? tf.cast(causalMask(rows, rows), 'float32') : undefined];
  const masked = visible.reduce<tf.Tensor>((x, factor) => (factor === undefined ? x : tf.mul(x, factor)), weights);
  const quadratic = tf.reshape(tf.matMul(masked, values), [batch, chunks * rows, channels]) as tf.Tensor3D;
  const trimmed = isFull ? quadratic : tf.slice(quadratic, [0, 0, 0], [batch, length, channels]);
  return tf.add(trimmed, linearPart(inputs, settings, keep, chunks, rows));
}

/** The weights of the keys `[..., C, S]` for the queries `[..., C, S]`, before any mask. */
export function chunkWeights(
  queries: tf.Tensor3D,
  keys: tf.Tensor3D,
  {divisor, chunkSize, activation}: Settings,
  bias: tf.Tensor | undefined,
): tf.Tensor {
  const size = queries.shape[2];
  const scale = divisor === 'tokens' ? 1 / Math.sqrt(chunkSize * size) : 1 / chunkSize;
  const scores = tf.matMul(tf.mul(queries, scale), keys, false, true);
  return ACTIVATIONS[activation](bias === undefined ? scores : tf.add(scores, bias));
}

const ACTIVATIONS: Record<Settings['activation'], (x: tf.Tensor) => tf.Tensor> = {
  squaredRelu: x => tf.square(tf.relu(x)),
  /** The normal distribution function with mean √½ and variance 1/4π, which is near relu² around 1. */
  laplace: x => {
    const deviation = Math.sqrt(0.25 / Math.PI);
    const z = tf.mul(tf.sub(x, Math.SQRT1_2), 1 / (deviation * Math.SQRT2));
    return tf.mul(tf.add(tf.erf(z), 1), 0.5);
  },
};

function linearPart(
  {linearQuery, linearKey, value}: MixedChunkInputs<tf.Tensor3D>,
  {causal, divisor, chunkSize, linearScope}: Settings,
  keep: tf.Tensor3D | undefined,
  chunks: number,
  rows: number,
): tf.Tensor3D {
  const [batch, length, channels] = value.shape;
  const keys = keep === undefined ? linearKey : (tf.mul(linearKey, keep) as tf.Tensor3D);
  if (!causal && linearScope === 'sequence') {
    const sums = keyValueSums(keys, value, chunkSize);
    const count = divisor === 'chunk' || keep === undefined ? length : tf.maximum(tf.sum(keep, 1, true), 1);
    return tf.div(readSums(linearQuery, sums, chunkSize), count);
  }
  const [queries, chunkKeys, values] = [linearQuery, keys, value].map(x => intoChunks(x, chunks, rows));
  const own = tf.matMul(chunkKeys, values, true, false); // [B·N, S, E]
  const sums = causal ? before(own, batch, chunks) : own;
  const read = tf.matMul(queries, sums);
  const scaled = tf.div(read, divisorOf({causal, divisor, chunkSize}, keep, [batch, length, chunks, rows]));
  const joined = tf.reshape(scaled, [batch, chunks * rows, channels]) as tf.Tensor3D;
  return chunks * rows === length ? joined : tf.slice(joined, [0, 0, 0], [batch, length, channels]);
}

/** For each chunk `[B·N, X, Y]` the sum of those before it. */
function before(x: tf.Tensor, batch: number, chunks: number): tf.Tensor {
  const flat = tf.reshape(x, [batch, chunks, -1]) as tf.Tensor3D;
  return tf.reshape(exclusiveSums(flat), x.shape);
}

/** What the linear part of each chunk is divided by, a number or `[B·N, 1, 1]`. */
function divisorOf(
  {causal, divisor, chunkSize}: Pick<Settings, 'causal' | 'divisor' | 'chunkSize'>,
  keep: tf.Tensor3D | undefined,
  [batch, length, chunks, rows]: number[],
): number | tf.Tensor {
  if (divisor === 'chunk') return causal ? chunkSize : length;
  const kept = keep ?? tf.ones([batch, length, 1]);
  const counts = tf.sum(intoChunks(kept as tf.Tensor3D, chunks, rows), 1, true); // [B·N, 1, 1]
  return tf.maximum(causal ? before(counts, batch, chunks) : counts, 1);
}
