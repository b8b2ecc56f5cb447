import * as tf from '@tensorflow/tfjs';

import type {Benchmark, Program} from '../benchmark.js';
import {normal} from '../random.js';

const [BATCH, LENGTH, HEADS, SIZE] = [8, 128, 12, 64];
const WIDTH = HEADS * SIZE;

/**
 * The products of a MultiHeadAttention layer of these sizes one after another, without bias, heads or softmax: what the
 * layer cannot be faster than.
 */
export const matrixProducts: Benchmark = {
  name: 'matrixProducts',
  title: `bare products of multiHeadAttention: 4 of ${BATCH * LENGTH} × ${WIDTH} × ${WIDTH}, 2 × ${BATCH * HEADS} of ${LENGTH} × ${LENGTH} × ${SIZE}`,
  backends: ['tensorflow'],
  torch: 'matrix_products',
  prepare() {
    const x = normal([BATCH * LENGTH, WIDTH], 1);
    const [wq, wk, wv, wo] = [2, 3, 4, 5].map(seed => normal([WIDTH, WIDTH], seed, 0.03));
    const program: Program = {run: () => products(x, [wq, wk, wv], wo), sources: [x, wq, wk, wv, wo]};
    return {inputs: {x, wq, wk, wv, wo}, ours: program, stock: program};
  },
};

function products(x: tf.Tensor, projections: tf.Tensor[], wo: tf.Tensor): tf.Tensor {
  const projected = projections.reduce((y, w) => tf.matMul(y, w), x);
  const heads = tf.reshape(projected, [BATCH * HEADS, LENGTH, SIZE]);
  const attended = tf.matMul(tf.matMul(heads, heads, false, true), heads);
  return tf.matMul(tf.reshape(attended, [BATCH * LENGTH, WIDTH]), wo);
}
