import * as tf from '@tensorflow/tfjs-core';

import {defineActivation} from '../internal/activation_class.js';
import {check} from '../internal/check.js';

/**
 * y = (x + √(x² + b)) / 2, a smooth relu of additions and one root. Layers find it by name with b = 4, where its
 * curvature at 0 is that of softplus: `activation: 'squareplus'`.
 *
 * Exact for large negative x too: there y = b / (2 (√(x² + b) − x)).
 *
 * @param b Above 0: 4 is the default, 1.52382103 comes closest to softplus, 0 would be relu.
 *
 * ```ts
 * tfa.activations.squareplus(tf.tensor1d([-3, 0, 1])).print(); // 0.3027756, 1, 1.618034
 * ```
 *
 * Reference: Barron 2021, arXiv:2112.11687; Su, blog 8833.
 */
export function squareplus<T extends tf.Tensor>(x: T, b = 4): T {
  check(Number.isFinite(b) && b > 0, 'squareplus', 'b above 0', b);
  const op = tf.customGrad((input, save) => {
    const x = input as tf.Tensor;
    (save as tf.GradSaveFunc)([x]);
    return {value: value(x, b), gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => tf.mul(dy, slope(saved[0], b))};
  });
  return op(x) as T;
}

defineActivation('squareplus', x => squareplus(x));

const root = (x: tf.Tensor, b: number): tf.Tensor => tf.sqrt(tf.add(tf.square(x), b));

function value(x: tf.Tensor, b: number): tf.Tensor {
  const sum = tf.add(root(x, b), tf.abs(x));
  return tf.where(tf.greaterEqual(x, 0), tf.div(sum, 2), tf.div(b / 2, sum));
}

/** ½ (1 + x / √(x² + b)), without the cancellation for negative x. */
function slope(x: tf.Tensor, b: number): tf.Tensor {
  const twiceRoot = tf.mul(root(x, b), 2);
  const sum = tf.add(root(x, b), tf.abs(x));
  return tf.where(tf.greaterEqual(x, 0), tf.div(sum, twiceRoot), tf.div(b, tf.mul(twiceRoot, sum)));
}
