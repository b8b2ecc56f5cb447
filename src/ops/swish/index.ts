import * as tf from '@tensorflow/tfjs-core';

/**
 * Swish (SiLU), `y = x · σ(x)`, elementwise.
 *
 * Stock `sigmoid(x) · x` keeps its sigmoid for the backward pass; this one keeps x alone, and its second-order
 * gradients are right.
 *
 * @param x Any shape, float32.
 * @returns Same shape.
 *
 * ```ts
 * tfa.swish(tf.tensor1d([-1, 0, 1])).print(); // -0.2689, 0, 0.7311
 * ```
 *
 * Reference: Ramachandran et al. 2017, arXiv:1710.05941.
 */
export function swish<T extends tf.Tensor>(x: T): T {
  return tf.customGrad((input, save) => {
    const x = input as tf.Tensor;
    (save as tf.GradSaveFunc)([x]);
    return {
      value: tf.tidy(() => tf.mul(x, tf.sigmoid(x))),
      gradFunc: (dy: tf.Tensor, [x]: tf.Tensor[]) => tf.tidy(() => tf.mul(dy, slope(x))),
    };
  })(x) as T;
}

/** dy/dx = σ + x σ (1 − σ) = σ · (1 + x · (1 − σ)). */
function slope(x: tf.Tensor): tf.Tensor {
  const sigmoid = tf.sigmoid(x);
  return tf.mul(sigmoid, tf.add(tf.mul(x, tf.sub(1, sigmoid)), 1));
}
