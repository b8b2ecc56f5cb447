import * as tf from '@tensorflow/tfjs';
import * as tfa from 'tfjs-addons';

import type {Benchmark} from '../benchmark.js';
import {layerProgram} from '../layer_program.js';
import {normal} from '../random.js';
import {stockDense, stockRotate, stockTables} from '../stock.js';

const [BATCH, LENGTH, WIDTH, UNITS, SIZE] = [16, 48, 128, 256, 64];

/** What `npm start` trains most of the time. */
export const recogniserUnit: Benchmark = {
  name: 'recogniserUnit',
  title: `gated attention unit, ${BATCH} × ${LENGTH} tokens, ${WIDTH} wide, ${UNITS} units, keys of ${SIZE}, softmax`,
  backends: ['tensorflow', 'wasm', 'cpu', 'webgpu'],
  prepare() {
    const x = normal([BATCH, LENGTH, WIDTH], 1);
    const weights = [
      normal([WIDTH, 2 * UNITS + SIZE], 2, 0.1),
      normal([2 * UNITS + SIZE], 3, 0.1),
      ...[4, 5, 6, 7].map(seed => normal([SIZE], seed)),
      normal([UNITS, WIDTH], 8, 0.1),
      normal([WIDTH], 9, 0.1),
    ];
    const tables = stockTables(LENGTH, SIZE);
    const [wi, bi, betaQ, gammaQ, betaK, gammaK, wo, bo] = weights;
    const layer = tfa.layers.gatedAttentionUnit({
      units: UNITS,
      keySize: SIZE,
      pBias: 'rotary',
      normalization: 'softmax',
    });
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
  return stockDense(tf.mul(u, tf.matMul(tf.softmax(scores), v)), wo, bo);
}
