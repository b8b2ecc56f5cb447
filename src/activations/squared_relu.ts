import * as tf from '@tensorflow/tfjs-core';

import {defineActivation} from '../internal/activation_class.js';

/**
 * y = max(x, 0)². Layers find it by name: `activation: 'squaredRelu'`.
 *
 * ```ts
 * tfa.activations.squaredRelu(tf.tensor1d([-2, 0.5, 3])).print(); // 0, 0.25, 9
 * const layer = tf.layers.dense({units: 2, activation: 'squaredRelu' as never});
 * layer.apply(tf.ones([1, 3]));
 * ```
 *
 * Reference: So et al. 2021, arXiv:2109.08668.
 */
export const squaredRelu: <T extends tf.Tensor>(x: T) => T = defineActivation(
  'squaredRelu',
  <T extends tf.Tensor>(x: T) => tf.tidy(() => tf.square(tf.relu(x))),
);
