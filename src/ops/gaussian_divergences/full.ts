import * as tf from '@tensorflow/tfjs-core';

import {cholesky, invertLower} from '../cholesky/index.js';

/** Means `[R, N]` and covariances `[R, N, N]`. */
export interface FullGaussian {
  mean: tf.Tensor2D;
  covariance: tf.Tensor3D;
}

/** Enough to bring eigenvalues of a millionth of the largest to their roots. */
const NEWTON_STEPS = 25;

/** ½ (|L₂⁻¹ d|² − N + |L₂⁻¹ L₁|² + log det Σ₂ − log det Σ₁), Σ = L Lᵀ. */
export function fullKl(p: FullGaussian, q: FullGaussian): tf.Tensor1D {
  const [lowerP, lowerQ] = [factorOf(p.covariance), factorOf(q.covariance)];
  const inverse = invertLower(lowerQ);
  const trace = tf.sum(tf.square(tf.matMul(inverse, lowerP)), [1, 2]);
  const terms = tf.add(squaredDistance(inverse, p, q), tf.sub(trace, p.mean.shape[1]));
  return tf.mul(tf.add(terms, tf.sub(logDet(lowerQ), logDet(lowerP))), 0.5);
}

/** ⅛ |L⁻¹ d|² + ½ log det Σ − ¼ (log det Σ₁ + log det Σ₂), Σ = ½ (Σ₁ + Σ₂) = L Lᵀ. */
export function fullBhattacharyya(p: FullGaussian, q: FullGaussian): tf.Tensor1D {
  const lower = factorOf(tf.mul(tf.add(p.covariance, q.covariance), 0.5) as tf.Tensor3D);
  const determinants = tf.add(logDet(factorOf(p.covariance)), logDet(factorOf(q.covariance)));
  const spread = tf.sub(tf.mul(logDet(lower), 0.5), tf.mul(determinants, 0.25));
  return tf.add(tf.mul(squaredDistance(invertLower(lower), p, q), 0.125), spread);
}

/** |d|² + tr Σ₁ + tr Σ₂ − 2 tr (L₁ᵀ Σ₂ L₁)^½: that product has the eigenvalues of Σ₁^½ Σ₂ Σ₁^½. */
export function fullWasserstein(p: FullGaussian, q: FullGaussian): tf.Tensor1D {
  const lower = factorOf(p.covariance);
  const product = tf.matMul(lower, tf.matMul(q.covariance, lower), true, false);
  const traces = tf.sum(tf.mul(tf.add(p.covariance, q.covariance), tf.eye(p.mean.shape[1])), [1, 2]);
  const distance = tf.sum(tf.square(tf.sub(p.mean, q.mean)), 1);
  return tf.add(distance, tf.sub(traces, tf.mul(traceOfRoot(product as tf.Tensor3D), 2)));
}

const factorOf = (covariance: tf.Tensor3D): tf.Tensor3D => cholesky(covariance) as tf.Tensor3D;

/** 2 Σ log of the diagonal. */
function logDet(lower: tf.Tensor3D): tf.Tensor1D {
  const diagonal = tf.sum(tf.mul(lower, tf.eye(lower.shape[1])), 2);
  return tf.mul(tf.sum(tf.log(diagonal), 1), 2);
}

function squaredDistance(inverse: tf.Tensor3D, p: FullGaussian, q: FullGaussian): tf.Tensor {
  const difference = tf.expandDims(tf.sub(p.mean, q.mean), 2) as tf.Tensor3D;
  return tf.sum(tf.square(tf.matMul(inverse, difference)), [1, 2]);
}

/** tr A^½ of symmetric positive definite `[R, N, N]`; the gradient is ½ A^−½. */
function traceOfRoot(matrices: tf.Tensor3D): tf.Tensor1D {
  const op = tf.customGrad((...args) => {
    const [a, save] = args as unknown as [tf.Tensor3D, tf.GradSaveFunc];
    save([a]);
    return {
      value: tf.tidy(() => tf.sum(tf.mul(roots(a).root, tf.eye(a.shape[1])), [1, 2])),
      gradFunc: (dy, [a]) =>
        tf.tidy(() => tf.mul(roots(a as tf.Tensor3D).inverseRoot, tf.mul(tf.reshape(dy, [-1, 1, 1]), 0.5))),
    };
  });
  return op(matrices) as tf.Tensor1D;
}

/** A^½ and A^−½ by the coupled Newton–Schulz iteration, on A over its Frobenius norm. */
function roots(matrices: tf.Tensor3D): {root: tf.Tensor3D; inverseRoot: tf.Tensor3D} {
  const identity = tf.eye(matrices.shape[1]);
  const norm = tf.sqrt(tf.sum(tf.square(matrices), [1, 2], true));
  let root = tf.div(matrices, norm) as tf.Tensor3D;
  let inverseRoot = tf.add(tf.zerosLike(matrices), identity) as tf.Tensor3D;
  for (let i = 0; i < NEWTON_STEPS; i++) {
    const step = tf.mul(tf.sub(tf.mul(identity, 3), tf.matMul(inverseRoot, root)), 0.5) as tf.Tensor3D;
    [root, inverseRoot] = [tf.matMul(root, step), tf.matMul(step, inverseRoot)];
  }
  return {root: tf.mul(root, tf.sqrt(norm)), inverseRoot: tf.div(inverseRoot, tf.sqrt(norm))};
}
