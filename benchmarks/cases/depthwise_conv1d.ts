import * as tf from '@tensorflow/tfjs';
import * as tfa from 'tfjs-addons';

import type {Benchmark} from '../benchmark.js';
import {normal} from '../random.js';

const [BATCH, LENGTH, WIDTH, TAPS] = [16, 48, 128, 3];

export const depthwiseConv1d: Benchmark = {
  name: 'depthwiseConv1d',
  title: `depthwiseConv1d, [${BATCH},${LENGTH},${WIDTH}], ${TAPS} taps`,
  backends: ['tensorflow', 'wasm', 'cpu', 'webgpu'],
  prepare() {
    const x = normal([BATCH, LENGTH, WIDTH], 1) as tf.Tensor3D;
    const kernel = normal([TAPS, WIDTH], 2) as tf.Tensor2D;
    return {
      inputs: {x, kernel},
      ours: {run: () => tfa.depthwiseConv1d(x, kernel), sources: [x, kernel]},
      stock: {run: () => stock(x, kernel), sources: [x, kernel]},
    };
  },
};

/** Shifted products: the depthwise convolution of tfjs has no gradient on wasm. */
function stock(x: tf.Tensor3D, kernel: tf.Tensor2D): tf.Tensor {
  const padded = tf.pad(x, [
    [0, 0],
    [1, 1],
    [0, 0],
  ]) as tf.Tensor3D;
  const taps = Array.from({length: TAPS}, (_, k) =>
    tf.mul(tf.slice(padded, [0, k, 0], [-1, LENGTH, -1]), tf.slice(kernel, [k, 0], [1, -1])),
  );
  return taps.reduce((sum, tap) => tf.add(sum, tap));
}
