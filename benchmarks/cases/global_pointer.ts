import * as tf from '@tensorflow/tfjs';
import * as tfa from 'tfjs-addons';

import type {Benchmark, Case} from '../benchmark.js';
import {layerProgram} from '../layer_program.js';
import {normal} from '../random.js';
import {stockDense, stockRotate, stockTables, stockTriangle, upperCotangent} from '../stock.js';

const [BATCH, LENGTH, WIDTH, TYPES, SIZE] = [8, 128, 768, 10, 64];

export const globalPointer: Benchmark = {
  name: 'globalPointer',
  title: `layer, ${BATCH} × ${LENGTH} tokens, ${WIDTH} wide, ${TYPES} types of ${SIZE}`,
  backends: ['tensorflow', 'wasm'],
  torch: 'global_pointer',
  prepare: () => ({...globalPointerCase(), cotangent: upperCotangent(normal([BATCH, TYPES, LENGTH, LENGTH], 4))}),
};

/** The head of `BATCH` texts. */
export function globalPointerCase(): Case {
  const x = normal([BATCH, LENGTH, WIDTH], 1);
  const weights = [normal([WIDTH, TYPES * 2 * SIZE], 2, 0.03), normal([TYPES * 2 * SIZE], 3, 0.03)];
  const tables = stockTables(LENGTH, SIZE);
  const triangle = stockTriangle(LENGTH);
  const layer = tfa.layers.globalPointer({heads: TYPES, headSize: SIZE});
  return {
    inputs: {x, kernel: weights[0], bias: weights[1]},
    ours: layerProgram(layer, x, weights),
    stock: {run: () => stock(x, weights, tables, triangle), sources: [x, ...weights]},
  };
}

function stock(
  x: tf.Tensor,
  [kernel, bias]: tf.Tensor[],
  tables: [tf.Tensor, tf.Tensor],
  triangle: tf.Tensor,
): tf.Tensor {
  const channels = tf.reshape(stockDense(x, kernel, bias), [BATCH, LENGTH, TYPES, 2 * SIZE]);
  const [q, k] = tf.split(tf.transpose(channels, [0, 2, 1, 3]), 2, 3).map(half => stockRotate(half, tables));
  return tf.add(tf.mul(tf.matMul(q, k, false, true), 1 / Math.sqrt(SIZE)), triangle);
}
