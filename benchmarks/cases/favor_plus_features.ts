import * as tf from '@tensorflow/tfjs';
import * as tfa from 'tfjs-addons';

import type {Benchmark} from '../benchmark.js';
import {normal} from '../random.js';

const SHAPE: [number, number, number, number] = [1, 4, 1024, 64];
const FEATURES = 256;

/** Of keys, whose exponents lose the largest of all. */
export const favorPlusFeatures: Benchmark = {
  name: 'favorPlusFeatures',
  title: `favorPlusFeatures, ${FEATURES} positive features of keys [${SHAPE}]`,
  backends: ['tensorflow', 'wasm', 'webgpu'],
  prepare() {
    const k = normal<tf.Rank.R4>(SHAPE, 1, 0.5);
    const omega = tfa.orthogonalRandomFeatures(FEATURES, SHAPE[3], {seed: 2});
    const largest = tf.customGrad(u => ({
      value: tf.max(u as tf.Tensor, [2, 3], true),
      gradFunc: () => tf.zerosLike(u as tf.Tensor),
    }));
    return {
      inputs: {k},
      ours: {run: () => tfa.favorPlusFeatures(k, omega), sources: [k]},
      stock: {
        run() {
          const x = tf.mul(k, SHAPE[3] ** -0.25);
          const u = tf.reshape(tf.matMul(tf.reshape(x, [-1, SHAPE[3]]), omega, false, true), [
            ...SHAPE.slice(0, 3),
            FEATURES,
          ]);
          const exponents = tf.sub(tf.sub(u, tf.mul(tf.sum(tf.square(x), -1, true), 0.5)), largest(u));
          return tf.mul(tf.add(tf.exp(exponents), 1e-6), FEATURES ** -0.5);
        },
        sources: [k],
      },
    };
  },
};
