import * as tf from '@tensorflow/tfjs';
import * as tfa from 'tfjs-addons';

import type {Benchmark} from '../benchmark.js';
import {layerProgram} from '../layer_program.js';
import {normal} from '../random.js';
import {stockDense} from '../stock.js';

const [BATCH, LENGTH, HEADS, SIZE] = [8, 128, 12, 64];
const WIDTH = HEADS * SIZE;

export const multiHeadAttention: Benchmark = {
  name: 'multiHeadAttention',
  title: `layer, ${BATCH} × ${LENGTH} tokens, ${WIDTH} wide, ${HEADS} heads of ${SIZE}`,
  backends: ['tensorflow', 'wasm'],
  torch: 'multi_head_attention',
  prepare() {
    const x = normal([BATCH, LENGTH, WIDTH], 1);
    const weights = ['q', 'k', 'v', 'o'].flatMap((_, i) => [
      normal([WIDTH, WIDTH], 10 + i, 0.03),
      normal([WIDTH], 20 + i, 0.03),
    ]);
    const layer = tfa.layers.multiHeadAttention({heads: HEADS, headSize: SIZE});
    const [wq, bq, wk, bk, wv, bv, wo, bo] = weights;
    return {
      inputs: {x, wq, bq, wk, bk, wv, bv, wo, bo},
      ours: layerProgram(layer, x, weights, 3),
      stock: {run: () => stock(x, weights), sources: [x, ...weights]},
    };
  },
};

function stock(x: tf.Tensor, [wq, bq, wk, bk, wv, bv, wo, bo]: tf.Tensor[]): tf.Tensor {
  const heads = (y: tf.Tensor) => tf.transpose(tf.reshape(y, [BATCH, LENGTH, HEADS, SIZE]), [0, 2, 1, 3]);
  const [q, k, v] = [stockDense(x, wq, bq), stockDense(x, wk, bk), stockDense(x, wv, bv)].map(heads);
  const y = tf.matMul(tf.softmax(tf.mul(tf.matMul(q, k, false, true), 1 / Math.sqrt(SIZE))), v);
  return stockDense(tf.reshape(tf.transpose(y, [0, 2, 1, 3]), [BATCH, LENGTH, WIDTH]), wo, bo);
}
