import * as tf from '@tensorflow/tfjs-core';

import {check, checkOneOf, checkRange} from '../../internal/check.js';
import {withCleanLanes} from '../../internal/clean_lanes.js';
import {checkOptions} from '../../internal/known_options.js';
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
export function hsic(x: tf.Tensor2D, y: tf.Tensor2D, options: HsicOptions = {}): tf.Scalar {
  checkOptions(options, {sigmaX: true, sigmaY: true, estimator: true}, 'hsic');
  const {sigmaX = 1, sigmaY = 1, estimator = 'biased'} = options;
  checkOneOf(estimator, ESTIMATORS, 'hsic', 'estimator');
  checkRange(sigmaX, 'hsic', 'sigmaX', [0, Infinity], {low: true, high: true});
  checkRange(sigmaY, 'hsic', 'sigmaY', [0, Infinity], {low: true, high: true});
  const count = x.shape[0];
  const least = estimator === 'unbiased' ? 4 : 2;
  check(x.rank === 2 && count >= least, 'hsic', `x of shape [n, d] with n ≥ ${least}`, x);
  check(y.rank === 2 && y.shape[0] === count, 'hsic', `y of shape [${count}, e]`, y);
  const criterion = ESTIMATES[estimator];
  const kernels = (inputs: (tf.Tensor | undefined)[]): [tf.Tensor2D, tf.Tensor2D] => [
    gaussianKernel(inputs[0] as tf.Tensor2D, sigmaX),
    gaussianKernel(inputs[1] as tf.Tensor2D, sigmaY),
  ];
  return recomputed(inputs => criterion.value(...kernels(inputs)), [x, y], [], {
    gradient: (inputs, _, dy) =>
      tf.tidy(() => {
        const [k, l] = kernels(inputs);
        const [ofK, ofL] = criterion.gradient(k, l);
        const [x, y] = inputs as tf.Tensor2D[];
        return [
          tf.mul(dy, gradientOfRows(tf.mul(ofK, k), x, sigmaX)),
          tf.mul(dy, gradientOfRows(tf.mul(ofL, l), y, sigmaY)),
        ];
      }),
  });
}

/** Less the mean, so that small numbers have small errors. */
const centred = (x: tf.Tensor2D): tf.Tensor2D => withCleanLanes(tf.sub(x, tf.mean(x, 0, true)));

/** exp(−|x − x′|² / 2σ²). */
function gaussianKernel(x: tf.Tensor2D, sigma: number): tf.Tensor2D {
  const near = centred(x);
  const squares = tf.sum(tf.square(near), 1, true); // [n, 1]
  const products = tf.matMul(near, near, false, true);
  const distances = tf.relu(tf.sub(tf.add(squares, tf.transpose(squares)), tf.mul(products, 2)));
  return tf.exp(tf.mul(distances, -1 / (2 * sigma * sigma)));
}

/** For x of Σ exp(−|x − x′|² / 2σ²), with these symmetric weights of the terms: −2/σ² (diag(W 1) x − W x). */
function gradientOfRows(weights: tf.Tensor2D, x: tf.Tensor2D, sigma: number): tf.Tensor2D {
  const near = centred(x);
  const gap = tf.sub(tf.mul(tf.sum(weights, 1, true), near), tf.matMul(withCleanLanes(weights), near));
  return tf.mul(gap, -2 / (sigma * sigma));
}

interface Estimate {
  value(k: tf.Tensor2D, l: tf.Tensor2D): tf.Scalar;
  /** For both kernels, symmetric. */
  gradient(k: tf.Tensor2D, l: tf.Tensor2D): tf.Tensor[];
}

const ESTIMATES: Record<HsicEstimator, Estimate> = {
  biased: {
    value: (k, l) => tf.div(inner(centre(k), centre(l)), (k.shape[0] - 1) ** 2),
    gradient: (k, l) => [l, k].map(other => tf.div(centre(other), (k.shape[0] - 1) ** 2)),
  },
  unbiased: {value: unbiased, gradient: unbiasedGradient},
  normalized: {
    value: (k, l) => alignment(centre(k), centre(l)).value,
    // t/√(ab) with t = ⟨K, L⟩, a = ⟨K, K⟩, b = ⟨L, L⟩ of centred kernels: L/√(ab) − t b K/√(ab)³
    gradient: (k, l) => {
      const [own, other] = [centre(k), centre(l)];
      const {trace, squareK, squareL, norm} = alignment(own, other);
      const shrink = tf.div(trace, tf.mul(norm, tf.square(norm)));
      return [
        tf.sub(tf.div(other, norm), tf.mul(own, tf.mul(shrink, squareL))),
        tf.sub(tf.div(own, norm), tf.mul(other, tf.mul(shrink, squareK))),
      ];
    },
  },
};

function alignment(k: tf.Tensor2D, l: tf.Tensor2D) {
  const [trace, squareK, squareL] = [inner(k, l), inner(k, k), inner(l, l)];
  const norm = tf.sqrt(tf.add(tf.mul(squareK, squareL), CONSTANT));
  return {trace, squareK, squareL, norm, value: tf.div(trace, norm) as tf.Scalar};
}

/** H K H for a symmetric K. */
function centre(kernel: tf.Tensor2D): tf.Tensor2D {
  const rows = tf.mean(kernel, 1, true); // [n, 1]
  return tf.add(tf.sub(tf.sub(kernel, rows), tf.transpose(rows)), tf.mean(kernel));
}

const inner = (a: tf.Tensor, b: tf.Tensor): tf.Scalar => tf.sum(tf.mul(a, b));

/** Zero on the diagonal. */
const offDiagonal = (kernel: tf.Tensor): tf.Tensor => tf.mul(kernel, tf.sub(1, tf.eye(kernel.shape[0])));

function unbiased(k: tf.Tensor2D, l: tf.Tensor2D): tf.Scalar {
  const n = k.shape[0];
  const [kernelX, kernelY] = [k, l].map(offDiagonal);
  const sums = tf.mul(tf.sum(kernelX), tf.sum(kernelY));
  const rows = inner(tf.sum(kernelX, 1), tf.sum(kernelY, 1)); // 1ᵀK̃L̃1
  const terms = tf.add(tf.sub(inner(kernelX, kernelY), tf.mul(rows, 2 / (n - 2))), tf.div(sums, (n - 1) * (n - 2)));
  return tf.div(terms, n * (n - 3));
}

/** For K̃ that is [L̃ + 1ᵀL̃1 / ((n−1)(n−2)) − (L̃1 1ᵀ + 1 1ᵀL̃) / (n−2)] / (n (n−3)) off the diagonal. */
function unbiasedGradient(k: tf.Tensor2D, l: tf.Tensor2D): tf.Tensor[] {
  const n = k.shape[0];
  return [l, k].map(kernel => {
    const other = offDiagonal(kernel);
    const rows = tf.div(tf.sum(other, 1, true), n - 2);
    const total = tf.div(tf.sum(other), (n - 1) * (n - 2));
    const terms = tf.sub(tf.add(other, total), tf.add(rows, tf.transpose(rows)));
    return offDiagonal(tf.div(terms, n * (n - 3)));
  });
}
