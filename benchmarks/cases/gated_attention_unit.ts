import * as tf from '@tensorflow/tfjs';
import * as tfa from 'tfjs-addons';

import type {Benchmark} from '../benchmark.js';
import {layerProgram} from '../layer_program.js';
import {normal} from '../random.js';
import {stockDense, stockRotate, stockTables} from '../stock.js';

const [BATCH, LENGTH, WIDTH, UNITS, SIZE] = [4, 512, 768, 1536, 128];

export const gatedAttentionUnit: Benchmark = {
  name: 'gatedAttentionUnit',
  title: `layer, ${BATCH} × ${LENGTH} tokens, ${WIDTH} wide, ${UNITS} units, keys of ${SIZE}, squaredRelu, rotary`,
  backends: ['tensorflow', 'wasm'],
  torch: 'gated_attention_unit',
  prepare() {
    const x = normal([BATCH, LENGTH, WIDTH], 1);
    const weights = [
      normal([WIDTH, 2 * UNITS + SIZE], 2, 0.03),
      normal([2 * UNITS + SIZE], 3, 0.03),
      normal([SIZE], 4),
      normal([SIZE], 5),
      normal([SIZE], 6),
      normal([SIZE], 7),
      normal([UNITS, WIDTH], 8, 0.03),
      normal([WIDTH], 9, 0.03),
    ];
    const tables = stockTables(LENGTH, SIZE);
    const [wi, bi, betaQ, gammaQ, betaK, gammaK, wo, bo] = weights;
    const layer = tfa.layers.gatedAttentionUnit({units: UNITS, keySize: SIZE, pBias: 'rotary'});
    return {
      inputs: {x, wi, bi, betaQ, gammaQ, betaK, gammaK, wo, bo},
      ours: layerProgram(layer, x, weights),
      stock: {run: () => stock(x, weights, tables), sources: [x, ...weights]},
    };
  },
};

function stock(x: tf.Tensor, weights: tf.Tensor[], tables: [tf.Tensor, tf.Tensor]): tf.Tensor {
  const [wi, bi, betaQ, gammaQ, betaK, gammaK, wo, bo] = weights;
  const h = stockDense(x, wi, bi);
  const [u, v, z] = tf.split(tf.mul(h, tf.sigmoid(h)), [UNITS, UNITS, SIZE], 2);
  const q = stockRotate(tf.add(tf.mul(z, gammaQ), betaQ), tables);
  const k = stockRotate(tf.add(tf.mul(z, gammaK), betaK), tables);
  const scores = tf.mul(tf.matMul(q, k, false, true), 1 / Math.sqrt(SIZE));
  const attended = tf.matMul(tf.div(tf.square(tf.relu(scores)), LENGTH), v);
  return stockDense(tf.mul(u, attended), wo, bo);
}
