import * as tf from '@tensorflow/tfjs-core';

import {check, checkShape} from '../../internal/check.js';
import {recomputed} from '../../internal/recomputed.js';
import {diagonalBhattacharyya, diagonalKl, diagonalWasserstein} from './diagonal.js';
import {fullBhattacharyya, fullKl, fullWasserstein} from './full.js';

/** Normal distributions: independent ones by logarithms of variances, or with a covariance each. */
export type Gaussian =
  | {
      /** `[..., N]` */
      mean: tf.Tensor;
      /** Logarithms of the variances, `[..., N]`; clipped to ±30. */
      logVar: tf.Tensor;
    }
  | {
      /** `[..., N]` */
      mean: tf.Tensor;
      /** Symmetric and positive definite, `[..., N, N]`; else the result is NaN. */
      covariance: tf.Tensor;
    };

/**
 * Kullback-Leibler divergence of normal distributions, with d = μ₁ − μ₂,
 *
 *   KL(p‖q) = ½ (dᵀ Σ₂⁻¹ d − N + tr Σ₂⁻¹ Σ₁ + log det Σ₂ / det Σ₁).
 *
 * All four tensors get a gradient; that of a covariance is the symmetric one.
 *
 * @param p Mean `[..., N]` with logVar `[..., N]` or covariance `[..., N, N]`.
 * @param q The same form; without it the standard normal distribution, for a diagonal p.
 * @returns `[...]`, nats.
 * @throws RangeError for shapes or forms that differ.
 *
 * ```ts
 * const p = {mean: tf.tensor1d([1, 0]), logVar: tf.tensor1d([0, 0.5])};
 * tfa.gaussianKl(p).print(); // to N(0, 1)
 * tfa.gaussianKl(p, {mean: tf.zeros([2]), logVar: tf.ones([2])}).print();
 * ```
 *
 * Reference: Su Jianlin, kexue.fm/archives/8512.
 */
export function gaussianKl(p: Gaussian, q?: Gaussian): tf.Tensor {
  return tf.tidy(() => divergence('gaussianKl', p, q ?? standardNormal(p), diagonalKl, fullKl));
}

/**
 * Bhattacharyya distance of normal distributions, with d = μ₁ − μ₂ and Σ = ½ (Σ₁ + Σ₂),
 *
 *   ⅛ dᵀ Σ⁻¹ d + ½ log (det Σ / √(det Σ₁ det Σ₂)).
 *
 * Symmetric. Shapes as in `gaussianKl`.
 *
 * ```ts
 * const p = {mean: tf.tensor1d([1, 0]), covariance: tf.tensor2d([[2, 0.5], [0.5, 1]])};
 * const q = {mean: tf.tensor1d([0, 0]), covariance: tf.tensor2d([[1, 0], [0, 1]])};
 * tfa.gaussianBhattacharyya(p, q).print();
 * ```
 *
 * Reference: Su Jianlin, kexue.fm/archives/8512.
 */
export function gaussianBhattacharyya(p: Gaussian, q: Gaussian): tf.Tensor {
  return divergence('gaussianBhattacharyya', p, q, diagonalBhattacharyya, fullBhattacharyya);
}

/**
 * Squared Wasserstein-2 distance of normal distributions, with d = μ₁ − μ₂,
 *
 *   |d|² + tr (Σ₁ + Σ₂ − 2 (Σ₁^½ Σ₂ Σ₁^½)^½).
 *
 * The root of a full covariance is computed by Newton–Schulz iteration: covariances whose eigenvalues differ by more
 * than a factor of 10³ lose digits. Symmetric. Shapes as in `gaussianKl`.
 *
 * ```ts
 * const p = {mean: tf.tensor1d([1, 0]), logVar: tf.tensor1d([0, 0.5])};
 * tfa.gaussianWasserstein(p, {mean: tf.zeros([2]), logVar: tf.zeros([2])}).print();
 * ```
 *
 * Reference: Su Jianlin, kexue.fm/archives/8512.
 */
export function gaussianWasserstein(p: Gaussian, q: Gaussian): tf.Tensor {
  return divergence('gaussianWasserstein', p, q, diagonalWasserstein, fullWasserstein);
}

const LARGEST_LOG_VARIANCE = 30;

function divergence(
  where: string,
  p: Gaussian,
  q: Gaussian,
  diagonal: typeof diagonalKl,
  full: typeof fullKl,
): tf.Tensor {
  const {shape} = p.mean;
  const size = shape[shape.length - 1] as number;
  check(shape.length > 0, where, 'means [..., N]', p.mean);
  checkShape(q.mean.shape, shape, where, 'the second mean');
  if ('logVar' in p && 'logVar' in q) {
    checkShape(p.logVar.shape, shape, where, 'the first logVar');
    checkShape(q.logVar.shape, shape, where, 'the second logVar');
    const compute = (inputs: (tf.Tensor | undefined)[]) => {
      const [meanP, logVarP, meanQ, logVarQ] = inputs as tf.Tensor[];
      return diagonal({mean: meanP, logVar: clip(logVarP)}, {mean: meanQ, logVar: clip(logVarQ)});
    };
    return recomputed(compute, [p.mean, p.logVar, q.mean, q.logVar]);
  }
  check('covariance' in p && 'covariance' in q, where, 'logVar in both or covariance in both', {
    first: Object.keys(p),
    second: Object.keys(q),
  });
  checkShape(p.covariance.shape, [...shape, size], where, 'the first covariance');
  checkShape(q.covariance.shape, [...shape, size], where, 'the second covariance');
  return tf.tidy(() => {
    const rows = <T>(mean: tf.Tensor, covariance: tf.Tensor) =>
      ({mean: tf.reshape(mean, [-1, size]), covariance: tf.reshape(covariance, [-1, size, size])}) as T;
    const each = full(rows(p.mean, p.covariance), rows(q.mean, q.covariance));
    return tf.reshape(each, shape.slice(0, -1));
  });
}

const clip = (logVar: tf.Tensor): tf.Tensor => tf.clipByValue(logVar, -LARGEST_LOG_VARIANCE, LARGEST_LOG_VARIANCE);

function standardNormal(p: Gaussian): Gaussian {
  check('logVar' in p, 'gaussianKl', 'a second distribution beside a full covariance', undefined);
  return {mean: tf.zerosLike(p.mean), logVar: tf.zerosLike(p.logVar)};
}
