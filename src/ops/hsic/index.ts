import * as tf from '@tensorflow/tfjs-core';

import {check, checkOneOf, checkRange} from '../../internal/check.js';
import {recomputed} from '../../internal/recomputed.js';

const ESTIMATORS = ['biased', 'unbiased', 'normalized'] as const;

/** Makes the alignment of a constant 0, and not 0/0. */
const CONSTANT = 1e-20;

/** How the independence criterion is estimated. */
export type HsicEstimator = (typeof ESTIMATORS)[number];

export interface HsicOptions {
  /** Width of the Gaussian kernel of x, > 0. Default 1. */
  sigmaX?: number;
  /** Width of the Gaussian kernel of y, > 0. Default 1. */
  sigmaY?: number;
  /**
   * `biased` tr(KHLH)/(n − 1)²; `unbiased` (Song 2012), which can be below 0 and needs n ≥ 4; `normalized`, the
   * centred kernel alignment tr(KHLH)/√(tr(KHKH) tr(LHLH)) in [0, 1]. Default `biased`.
   */
  estimator?: HsicEstimator;
}

/**
 * Hilbert-Schmidt independence criterion: how much n vectors x and y with the same row depend on each other, of any
 * kind and not only linearly. With Gaussian kernels K = exp(−|x − x′|² / 2σ²) and L, and H = I − 1/n,
 *
 *   biased = tr(K H L H) / (n − 1)²,
 *   unbiased = [tr K̃L̃ + 1ᵀK̃1·1ᵀL̃1 / ((n−1)(n−2)) − 2/(n−2) · 1ᵀK̃L̃1] / (n (n−3)), K̃ and L̃ with zero diagonals.
 *
 * Memory 4 n² bytes a few times over. The matrices are centred by their means; H is never made.
 *
 * @param x `[n, d]`.
 * @param y `[n, e]`.
 * @returns A scalar; x and y get a gradient.
 * @throws RangeError for shapes that do not belong together.
 *
 * ```ts
 * const x = tf.randomNormal([8, 3]);
 * tfa.hsic(x as tf.Tensor2D, tf.square(x) as tf.Tensor2D, {estimator: 'normalized'}).print();
 * ```
 *
 * Reference: Gretton et al. 2005; Song et al. 2012; Su Jianlin, kexue.fm/archives/6910, whose kernel has no 2 (use
 * σ/√2), whose biased form divides by n², and whose "(n − 1)²" form is the biased one here.
 */
export function hsic(
  x: tf.Tensor2D,
  y: tf.Tensor2D,
  {sigmaX = 1, sigmaY = 1, estimator = 'biased'}: HsicOptions = {},
): tf.Scalar {
  checkOneOf(estimator, ESTIMATORS, 'hsic', 'estimator');
  checkRange(sigmaX, 'hsic', 'sigmaX', [0, Infinity], {low: true, high: true});
  checkRange(sigmaY, 'hsic', 'sigmaY', [0, Infinity], {low: true, high: true});
  const count = x.shape[0];
  const least = estimator === 'unbiased' ? 4 : 2;
  check(x.rank === 2 && count >= least, 'hsic', `x of shape [n, d] with n ≥ ${least}`, x);
  check(y.rank === 2 && y.shape[0] === count, 'hsic', `y of shape [${count}, e]`, y);
  const compute = (inputs: (tf.Tensor | undefined)[]): tf.Scalar => {
    const [k, l] = [gaussianKernel(inputs[0] as tf.Tensor2D, sigmaX), gaussianKernel(inputs[1] as tf.Tensor2D, sigmaY)];
    if (estimator === 'unbiased') return unbiased(k, l, count);
    const [centredK, centredL] = [centre(k), centre(l)];
    const trace = inner(centredK, centredL);
    if (estimator === 'biased') return tf.div(trace, (count - 1) ** 2);
    const product = tf.mul(inner(centredK, centredK), inner(centredL, centredL));
    return tf.div(trace, tf.sqrt(tf.add(product, CONSTANT)));
  };
  return recomputed(compute, [x, y]);
}

/** exp(−|x − x′|² / 2σ²). */
function gaussianKernel(x: tf.Tensor2D, sigma: number): tf.Tensor2D {
  const squares = tf.sum(tf.square(x), 1, true); // [n, 1]
  const products = tf.matMul(x, tf.transpose(x));
  const distances = tf.relu(tf.sub(tf.add(squares, tf.transpose(squares)), tf.mul(products, 2)));
  return tf.exp(tf.mul(distances, -1 / (2 * sigma * sigma)));
}

/** H K H for a symmetric K. */
function centre(kernel: tf.Tensor2D): tf.Tensor2D {
  const rows = tf.mean(kernel, 1, true); // [n, 1]
  return tf.add(tf.sub(tf.sub(kernel, rows), tf.transpose(rows)), tf.mean(kernel));
}

const inner = (a: tf.Tensor, b: tf.Tensor): tf.Scalar => tf.sum(tf.mul(a, b));

function unbiased(k: tf.Tensor2D, l: tf.Tensor2D, n: number): tf.Scalar {
  const off = tf.sub(1, tf.eye(n));
  const [kernelX, kernelY] = [tf.mul(k, off), tf.mul(l, off)];
  const sums = tf.mul(tf.sum(kernelX), tf.sum(kernelY));
  const rows = inner(tf.sum(kernelX, 1), tf.sum(kernelY, 1)); // 1ᵀK̃L̃1
  const terms = tf.add(tf.sub(inner(kernelX, kernelY), tf.mul(rows, 2 / (n - 2))), tf.div(sums, (n - 1) * (n - 2)));
  return tf.div(terms, n * (n - 3));
}
