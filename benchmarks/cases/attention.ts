import * as tf from '@tensorflow/tfjs';
import * as tfa from 'tfjs-addons';

import type {Benchmark} from '../benchmark.js';
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
