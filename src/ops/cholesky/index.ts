import * as tf from '@tensorflow/tfjs-core';

import {check} from '../../internal/check.js';

/**
 * The lower triangular L with A = L Lᵀ, for each of a batch of symmetric positive definite matrices.
 *
 * N elimination steps of a few ops each, so meant for N up to about a hundred. Where A is not positive definite L is
 * NaN. The gradient is the symmetric one, ½ (S + Sᵀ) with S = L⁻ᵀ Φ(Lᵀ L̄) L⁻¹, where Φ takes the lower triangle and
 * half of the diagonal; only A is saved for it.
 *
 * @param matrices `[..., N, N]`, float32.
 * @returns `[..., N, N]`.
 * @throws RangeError unless the last two axes are equal.
 *
 * ```ts
 * tfa.cholesky(tf.tensor2d([[4, 2], [2, 5]])).print(); // [[2, 0], [1, 2]]
 * ```
 *
 * Reference: Murray 2016, "Differentiation of the Cholesky decomposition", arXiv:1602.07527.
 */
export function cholesky(matrices: tf.Tensor): tf.Tensor {
  const {shape} = matrices;
  const size = shape[matrices.rank - 1] as number;
  check(matrices.rank > 1 && shape[matrices.rank - 2] === size, 'cholesky', 'matrices [..., N, N]', matrices);
  return tf.tidy(() => {
    const op = tf.customGrad((...args) => {
      const [a, save] = args as unknown as [tf.Tensor3D, tf.GradSaveFunc];
      save([a]);
      return {
        value: tf.tidy(() => decompose(a)),
        gradFunc: (dy, [a]) => tf.tidy(() => gradient(dy as tf.Tensor3D, decompose(a as tf.Tensor3D))),
      };
    });
    return tf.reshape(op(tf.reshape(matrices, [-1, size, size])), shape);
  });
}

/** Column by column; the rest is what the columns so far leave of A. */
function decompose(matrices: tf.Tensor3D): tf.Tensor3D {
  const [batch, size] = matrices.shape;
  const columns: tf.Tensor3D[] = [];
  let rest = matrices;
  for (let j = 0; j < size; j++) {
    const column = tf.slice(rest, [0, j, j], [batch, size - j, 1]);
    const pivot = tf.slice(column, [0, 0, 0], [batch, 1, 1]);
    const below = tf.pad3d(tf.div(column, tf.sqrt(pivot)) as tf.Tensor3D, [
      [0, 0],
      [j, 0],
      [0, 0],
    ]);
    columns.push(below);
    rest = tf.sub(rest, tf.mul(below, tf.transpose(below, [0, 2, 1])));
  }
  return tf.concat(columns, 2);
}

function gradient(dy: tf.Tensor3D, factor: tf.Tensor3D): tf.Tensor3D {
  const inverse = invertLower(factor);
  const half = tf.mul(tf.matMul(factor, dy, true, false), lowerHalf(factor.shape[1])) as tf.Tensor3D;
  const right = tf.matMul(half, inverse);
  const product = tf.matMul(inverse, right, true, false);
  return tf.mul(tf.add(product, tf.transpose(product, [0, 2, 1])), 0.5);
}

/** 1 below the diagonal, ½ on it, 0 above. */
function lowerHalf(size: number): tf.Tensor2D {
  const index = tf.range(0, size);
  const distance = tf.sub(tf.expandDims(index, 1), index); // row − column
  return tf.add(tf.mul(tf.sign(distance), 0.5), 0.5) as tf.Tensor2D;
}

/**
 * The inverse of lower triangular matrices `[R, N, N]`. With L = D (I − M) and M strictly lower, hence M^N = 0, it is
 * (I + M)(I + M²)(I + M⁴) … D⁻¹ with log₂ N factors.
 */
export function invertLower(factor: tf.Tensor3D): tf.Tensor3D {
  const op = tf.customGrad((...args) => {
    const [lower, save] = args as unknown as [tf.Tensor3D, tf.GradSaveFunc];
    save([lower]);
    return {
      value: tf.tidy(() => inverse(lower)),
      gradFunc: (dy, [lower]) =>
        tf.tidy(() => {
          const inverted = inverse(lower as tf.Tensor3D);
          const right = tf.matMul(dy as tf.Tensor3D, inverted, false, true);
          const full = tf.neg(tf.matMul(inverted, right, true, false));
          return tf.mul(full, tf.ceil(lowerHalf(full.shape[1] as number)));
        }),
    };
  });
  return op(factor) as tf.Tensor3D;
}

function inverse(lower: tf.Tensor3D): tf.Tensor3D {
  const size = lower.shape[1];
  const identity = tf.eye(size);
  const diagonal = tf.sum(tf.mul(lower, identity), 2, true); // [R, N, 1]
  let power = tf.sub(identity, tf.div(lower, diagonal)) as tf.Tensor3D; // M
  let product = tf.add(identity, power) as tf.Tensor3D;
  for (let reach = 2; reach < size; reach *= 2) {
    power = tf.matMul(power, power);
    product = tf.matMul(product, tf.add(identity, power) as tf.Tensor3D);
  }
  return tf.div(product, tf.transpose(diagonal, [0, 2, 1]));
}
