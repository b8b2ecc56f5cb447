import * as tf from '@tensorflow/tfjs';
import * as tfa from 'tfjs-addons';

import type {Benchmark, Case} from '../benchmark.js';
import {layerProgram} from '../layer_program.js';
import {normal} from '../random.js';
import {stockDense, stockRotate, stockTables, stockTriangle, upperCotangent} from '../stock.js';

const [BATCH, LENGTH, WIDTH, TYPES, SIZE] = [8, 128, 768, 10, 64];

export const efficientGlobalPointer: Benchmark = {
  name: 'efficientGlobalPointer',
  title: `layer, ${BATCH} × ${LENGTH} tokens, ${WIDTH} wide, ${TYPES} types, size ${SIZE}`,
  backends: ['tensorflow', 'wasm', 'webgpu'],
  torch: 'efficient_global_pointer',
  prepare: () => ({
    ...efficientGlobalPointerCase(),
    cotangent: upperCotangent(normal([BATCH, TYPES, LENGTH, LENGTH], 6)),
  }),
};

/** The head of `BATCH` texts. */
export function efficientGlobalPointerCase(): Case {
  const x = normal([BATCH, LENGTH, WIDTH], 1);
  const weights = [
    normal([WIDTH, 2 * SIZE], 2, 0.03),
    normal([2 * SIZE], 3, 0.03),
    normal([2 * SIZE, 2 * TYPES], 4, 0.1),
    normal([2 * TYPES], 5, 0.1),
  ];
  const tables = stockTables(LENGTH, SIZE);
  const triangle = stockTriangle(LENGTH);
  const [kernel, bias, typesKernel, typesBias] = weights;
  return {
    inputs: {x, kernel, bias, typesKernel, typesBias},
    ours: layerProgram(tfa.layers.efficientGlobalPointer({heads: TYPES, headSize: SIZE}), x, weights),
    stock: {run: () => stock(x, weights, tables, triangle), sources: [x, ...weights]},
  };
}

function stock(
  x: tf.Tensor,
  [kernel, bias, typesKernel, typesBias]: tf.Tensor[],
  tables: [tf.Tensor, tf.Tensor],
  triangle: tf.Tensor,
): tf.Tensor {
  const p = stockDense(x, kernel, bias);
  const [q, k] = tf
    .split(tf.reshape(p, [BATCH, LENGTH, SIZE, 2]), 2, 3)
    .map(half => stockRotate(tf.squeeze(half, [3]), tables));
  const spans = tf.expandDims(tf.mul(tf.matMul(q, k, false, true), 1 / Math.sqrt(SIZE)), 1);
  const types = tf.transpose(tf.mul(stockDense(p, typesKernel, typesBias), 0.5), [0, 2, 1]);
  const [ends, starts] = tf.split(tf.reshape(types, [BATCH, TYPES, 2, LENGTH]), 2, 2);
  const scores = tf.add(tf.add(spans, ends), tf.reshape(starts, [BATCH, TYPES, LENGTH, 1]));
  return tf.add(scores, triangle);
}
