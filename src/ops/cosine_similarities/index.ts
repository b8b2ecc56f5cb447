import * as tf from '@tensorflow/tfjs-core';

import {check, checkShape} from '../../internal/check.js';
import {dense} from '../dense/index.js';

/**
 * Cosines between vectors and the columns of a matrix, `cos[..., u] = x · W[:, u] / (|x| |W[:, u]|)`.
 *
 * A zero vector has the cosine 0 with everything, and finite gradients.
 *
 * @param x `[..., C]`, float32, rank ≥ 2.
 * @param kernel `[C, U]`.
 * @returns `[..., U]`, in [−1, 1] up to rounding.
 * @throws RangeError when the last axis of `x` is not the first of `kernel`.
 *
 * ```ts
 * tfa.cosineSimilarities(tf.tensor2d([[3, 4]]), tf.tensor2d([[2, 0], [0, -5]])).print(); // 0.6, -0.8
 * ```
 */
export function cosineSimilarities(x: tf.Tensor, kernel: tf.Tensor2D): tf.Tensor {
  check(x.rank >= 2, 'cosineSimilarities', 'x of rank 2 or more', x);
  checkShape(x.shape.slice(-1), [kernel.shape[0]], 'cosineSimilarities', 'the last axis of x');
  return tf.tidy(() => dense(unit(x, x.rank - 1), unit(kernel, 0) as tf.Tensor2D));
}

/** `y = x / |x|` along an axis, and 0 for 0; dx = (dy − y Σ y dy) / |x|, and dy for 0. */
function unit(x: tf.Tensor, axis: number): tf.Tensor {
  const op = tf.customGrad((...args) => {
    const [x, save] = args as unknown as [tf.Tensor, tf.GradSaveFunc];
    save([x]);
    return {
      value: tf.tidy(() => tf.mul(x, inverseLength(x, axis))),
      gradFunc: (dy, [x]) =>
        tf.tidy(() => {
          const scale = inverseLength(x, axis);
          const y = tf.mul(x, scale);
          return tf.mul(tf.sub(dy, tf.mul(y, tf.sum(tf.mul(y, dy), axis, true))), scale);
        }),
    };
  });
  return op(x);
}

function inverseLength(x: tf.Tensor, axis: number): tf.Tensor {
  const square = tf.sum(tf.square(x), axis, true);
  return tf.rsqrt(tf.where(tf.greater(square, 0), square, tf.onesLike(square)));
}
