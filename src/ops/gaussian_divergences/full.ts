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

/** The gradients of a divergence for both, from the one of its values, `[R]`. Those of covariances are symmetric. */
export type FullGradient = (p: FullGaussian, q: FullGaussian, dy: tf.Tensor1D) => FullGaussian[];

/** For means ± Σ₂⁻¹ d; ½ (Σ₂⁻¹ − Σ₁⁻¹) for Σ₁ and ½ (Σ₂⁻¹ − Σ₂⁻¹ (Σ₁ + d dᵀ) Σ₂⁻¹) for Σ₂. */
export const fullKlGradient: FullGradient = (p, q, dy) => {
  const [inverseP, inverseQ] = [inverseOf(p.covariance), inverseOf(q.covariance)];
  const d = difference(p, q);
  const pull = tf.matMul(inverseQ, d); // [R, N, 1]
  const spread = tf.add(p.covariance, tf.matMul(d, d, false, true)) as tf.Tensor3D;
  const shrunk = tf.matMul(tf.matMul(inverseQ, spread), inverseQ);
  return gradients(dy, pull, tf.mul(tf.sub(inverseQ, inverseP), 0.5), tf.mul(tf.sub(inverseQ, shrunk), 0.5));
};

/** For means ± ¼ u with u = Σ⁻¹ d; for covariances ¼ (Σ⁻¹ − ¼ u uᵀ − Σ₁⁻¹), and the same with Σ₂. */
export const fullBhattacharyyaGradient: FullGradient = (p, q, dy) => {
  const inverse = inverseOf(tf.mul(tf.add(p.covariance, q.covariance), 0.5) as tf.Tensor3D);
  const u = tf.matMul(inverse, difference(p, q));
  const common = tf.sub(inverse, tf.mul(tf.matMul(u, u, false, true), 0.25));
  const [ofP, ofQ] = [p, q].map(({covariance}) => tf.mul(tf.sub(common, inverseOf(covariance)), 0.25));
  return gradients(dy, tf.mul(u, 0.25), ofP, ofQ);
};

/** For means ± 2d; I − T for Σ₁ and I − T⁻¹ for Σ₂, with the transport T = L₁⁻ᵀ (L₁ᵀ Σ₂ L₁)^½ L₁⁻¹, T Σ₁ T = Σ₂. */
export const fullWassersteinGradient: FullGradient = (p, q, dy) => {
  const lower = factorOf(p.covariance);
  const product = tf.matMul(lower, tf.matMul(q.covariance, lower), true, false) as tf.Tensor3D;
  const {root, inverseRoot} = roots(product);
  const inverse = invertLower(lower);
  const transport = tf.matMul(tf.matMul(inverse, root, true, false), inverse);
  const back = tf.matMul(tf.matMul(lower, inverseRoot), lower, false, true);
  const identity = tf.eye(p.mean.shape[1]);
  return gradients(dy, tf.mul(difference(p, q), 2), tf.sub(identity, transport), tf.sub(identity, back));
};

function gradients(dy: tf.Tensor1D, ofMean: tf.Tensor, ofP: tf.Tensor, ofQ: tf.Tensor): FullGaussian[] {
  const slope = tf.reshape(dy, [-1, 1, 1]);
  const mean = tf.squeeze(tf.mul(slope, ofMean), [2]) as tf.Tensor2D;
  return [
    {mean, covariance: tf.mul(slope, ofP)},
    {mean: tf.neg(mean), covariance: tf.mul(slope, ofQ)},
  ];
}

/** d = μ₁ − μ₂, `[R, N, 1]`. */
const difference = (p: FullGaussian, q: FullGaussian): tf.Tensor3D => tf.expandDims(tf.sub(p.mean, q.mean), 2);

function inverseOf(covariance: tf.Tensor3D): tf.Tensor3D {
  const inverse = invertLower(factorOf(covariance));
  return tf.matMul(inverse, inverse, true, false);
}

const factorOf = (covariance: tf.Tensor3D): tf.Tensor3D => cholesky(covariance) as tf.Tensor3D;

/** 2 Σ log of the diagonal. */
function logDet(lower: tf.Tensor3D): tf.Tensor1D {
  const diagonal = tf.sum(tf.mul(lower, tf.eye(lower.shape[1])), 2);
  return tf.mul(tf.sum(tf.log(diagonal), 1), 2);
}

const squaredDistance = (inverse: tf.Tensor3D, p: FullGaussian, q: FullGaussian): tf.Tensor =>
  tf.sum(tf.square(tf.matMul(inverse, difference(p, q))), [1, 2]);

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
