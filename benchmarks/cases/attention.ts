import * as tf from '@tensorflow/tfjs';
import * as tfa from 'tfjs-addons';

import type {Benchmark, Program} from '../benchmark.js';
import {normal} from '../random.js';
import {stockTriangle} from '../stock.js';

type Shape = [number, number, number, number];

const of = (shape: Shape, causal: boolean): Benchmark['prepare'] =>
  function prepare() {
    const [q, k, v] = [1, 2, 3].map(seed => normal<tf.Rank.R4>(shape, seed));
    const scale = 1 / Math.sqrt(shape[3]);
    const hidden = causal ? tf.transpose(stockTriangle(shape[2])) : undefined;
    const scores = () => tf.mul(tf.matMul(q, k, false, true), scale);
    return {
      inputs: {q, k, v},
      ours: {run: () => tfa.scaledDotProductAttention(q, k, v, {causal}), sources: [q, k, v]},
      stock: {
        run: () => tf.matMul(tf.softmax(hidden === undefined ? scores() : tf.add(scores(), hidden)), v),
        sources: [q, k, v],
      },
    };
  };

const BERT: Shape = [8, 12, 128, 64];

/** The attention product alone, as in a BERT base layer. */
export const attention: Benchmark = {
  name: 'attention',
  title: `scaledDotProductAttention, [${BERT}]`,
  backends: ['tensorflow', 'wasm', 'webgpu'],
  torch: 'attention',
  prepare: of(BERT, false),
};

const atLength = (length: number, causal: boolean): Benchmark => ({
  name: `${causal ? 'causalAttention' : 'attention'}${length}`,
  title: `scaledDotProductAttention${causal ? ', causal' : ''}, [1, 4, ${length}, 64]`,
  backends: ['webgpu', 'wasm'],
  torch: causal ? 'causal_attention' : 'attention',
  prepare: of([1, 4, length, 64], causal),
});

export const longAttentions: readonly Benchmark[] = [512, 1024].flatMap(length => [
  atLength(length, false),
  atLength(length, true),
]);

/**
 * Causal attention against full, both ours. They agree in the last row, which sees every key; both passes compute the
 * others too.
 */
export const causalAgainstFull: readonly Benchmark[] = [512, 1024].map(length => ({
  name: `causalAgainstFull${length}`,
  title: `scaledDotProductAttention, causal, [1, 4, ${length}, 64]; stock: the same in full, ours`,
  backends: ['webgpu', 'wasm'],
  prepare() {
    const [q, k, v] = [1, 2, 3].map(seed => normal<tf.Rank.R4>([1, 4, length, 64], seed));
    const of = (causal: boolean): Program => ({
      run: () => tf.slice(tfa.scaledDotProductAttention(q, k, v, {causal}), [0, 0, length - 1, 0], [1, 4, 1, 64]),
      sources: [q, k, v],
    });
    return {inputs: {q, k, v}, ours: of(true), stock: of(false)};
  },
}));

/** Attention that rotates queries and keys as it loads them, against the same in dispatches of their own, both ours. */
export const rotaryAttention512: Benchmark = {
  name: 'rotaryAttention512',
  title: 'scaledDotProductAttention with rotary, [1, 4, 512, 64]; stock: rotated before, ours',
  backends: ['webgpu'],
  prepare() {
    const [q, k, v] = [1, 2, 3].map(seed => normal<tf.Rank.R4>([1, 4, 512, 64], seed));
    const sources = [q, k, v];
    return {
      inputs: {q, k, v},
      ours: {run: () => tfa.scaledDotProductAttention(q, k, v, {rotary: {}}), sources},
      stock: {
        run: () => tfa.scaledDotProductAttention(tfa.rotaryEmbedding(q), tfa.rotaryEmbedding(k), v),
        sources,
      },
    };
  },
};

/**
 * Attention in float16, by subgroup matrices where the device has them, against float32, both ours. Inputs are such as
 * float16 can hold, so that both give the same.
 */
export const float16Attentions: readonly Benchmark[] = [512, 1024].map(length => ({
  name: `float16Attention${length}`,
  title: `scaledDotProductAttention in float16, [1, 4, ${length}, 64]; stock: the same in float32, ours`,
  backends: ['webgpu'],
  needs: 'shader-f16',
  prepare() {
    const [q, k, v] = [1, 2, 3].map(seed => ofFloat16(normal<tf.Rank.R4>([1, 4, length, 64], seed)));
    const sources = [q, k, v];
    const run = () => tfa.scaledDotProductAttention(q, k, v);
    return {inputs: {q, k, v}, ours: {run: () => inFloat16(run), sources}, stock: {run, sources}};
  },
}));

function inFloat16(run: () => tf.Tensor): tf.Tensor {
  tfa.kernels.setPrecision('float16');
  try {
    return run();
  } finally {
    tfa.kernels.setPrecision('float32');
  }
}

/** The nearest numbers of 11 binary digits (Dekker 1971). */
const ofFloat16 = (x: tf.Tensor4D): tf.Tensor4D =>
  tf.tidy(() => {
    const large = tf.mul(x, 2 ** 13 + 1);
    return tf.sub(large, tf.sub(large, x));
  });

const LONG: Shape = [1, 4, 4096, 64];

/** A sequence so long that its scores, 268 MB, are not to be made at once. */
export const attention4096: Benchmark = {
  name: 'attention4096',
  title: `scaledDotProductAttention, [${LONG}]`,
  backends: ['tensorflow'],
  torch: 'attention',
  prepare: of(LONG, false),
};
