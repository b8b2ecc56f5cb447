import * as tf from '@tensorflow/tfjs-core';

import {check, checkShape} from '../../internal/check.js';
import {detached} from '../../internal/detached.js';
import {recomputed} from '../../internal/recomputed.js';
import {
  type DiagonalGradient,
  diagonalBhattacharyya,
  diagonalBhattacharyyaGradient,
  diagonalKl,
  diagonalKlGradient,
  diagonalWasserstein,
  diagonalWassersteinGradient,
} from './diagonal.js';
import {
  type FullGaussian,
  type FullGradient,
  fullBhattacharyya,
  fullBhattacharyyaGradient,
  fullKl,
  fullKlGradient,
  fullWasserstein,
  fullWassersteinGradient,
} from './full.js';

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
  return tf.tidy(() => divergence('gaussianKl', p, q ?? standardNormal(p), KL));
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
  return divergence('gaussianBhattacharyya', p, q, BHATTACHARYYA);
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
  return divergence('gaussianWasserstein', p, q, WASSERSTEIN);
}

const LARGEST_LOG_VARIANCE = 30;

/** A divergence of both forms, with gradients that make no tape of it. */
interface Divergence {
  diagonal: typeof diagonalKl;
  diagonalGradient: DiagonalGradient;
  full: typeof fullKl;
  fullGradient: FullGradient;
}

const KL: Divergence = {
  diagonal: diagonalKl,
  diagonalGradient: diagonalKlGradient,
  full: fullKl,
  fullGradient: fullKlGradient,
};

const BHATTACHARYYA: Divergence = {
  diagonal: diagonalBhattacharyya,
  diagonalGradient: diagonalBhattacharyyaGradient,
  full: fullBhattacharyya,
  fullGradient: fullBhattacharyyaGradient,
};

const WASSERSTEIN: Divergence = {
  diagonal: diagonalWasserstein,
  diagonalGradient: diagonalWassersteinGradient,
  full: fullWasserstein,
  fullGradient: fullWassersteinGradient,
};

function divergence(where: string, p: Gaussian, q: Gaussian, of: Divergence): tf.Tensor {
  const {shape} = p.mean;
  const size = shape[shape.length - 1] as number;
  check(shape.length > 0, where, 'means [..., N]', p.mean);
  checkShape(q.mean.shape, shape, where, 'the second mean');
  if ('logVar' in p && 'logVar' in q) {
    checkShape(p.logVar.shape, shape, where, 'the first logVar');
    checkShape(q.logVar.shape, shape, where, 'the second logVar');
    return ofDiagonals([p.mean, p.logVar, q.mean, q.logVar], of);
  }
  check('covariance' in p && 'covariance' in q, where, 'logVar in both or covariance in both', {
    first: Object.keys(p),
    second: Object.keys(q),
  });
  checkShape(p.covariance.shape, [...shape, size], where, 'the first covariance');
  checkShape(q.covariance.shape, [...shape, size], where, 'the second covariance');
  return tf.tidy(() => {
    const rows = [p.mean, p.covariance, q.mean, q.covariance].map((x, i) =>
      tf.reshape(x, i % 2 === 0 ? [-1, size] : [-1, size, size]),
    );
    return tf.reshape(ofCovariances(rows, of), shape.slice(0, -1));
  });
}

/** @param inputs Mean and logVar of the first, then of the second. */
function ofDiagonals(inputs: tf.Tensor[], {diagonal, diagonalGradient}: Divergence): tf.Tensor {
  const pair = ([meanP, logVarP, meanQ, logVarQ]: (tf.Tensor | undefined)[]) =>
    [
      {mean: meanP as tf.Tensor, logVar: clip(logVarP as tf.Tensor)},
      {mean: meanQ as tf.Tensor, logVar: clip(logVarQ as tf.Tensor)},
    ] as const;
  return recomputed(given => diagonal(...pair(given)), inputs, [], {
    gradient: (given, _, dy) =>
      tf.tidy(() => {
        const [p, q] = diagonalGradient(...pair(given), tf.expandDims(dy, -1));
        const [, logVarP, , logVarQ] = given as tf.Tensor[];
        return [p.mean, tf.mul(p.logVar, within(logVarP)), q.mean, tf.mul(q.logVar, within(logVarQ))];
      }),
  });
}

/** @param inputs Mean `[R, N]` and covariance `[R, N, N]` of the first, then of the second. */
function ofCovariances(inputs: tf.Tensor[], {full, fullGradient}: Divergence): tf.Tensor1D {
  const pair = (inputs: (tf.Tensor | undefined)[]) => {
    const [meanP, covarianceP, meanQ, covarianceQ] = inputs as (tf.Tensor2D & tf.Tensor3D)[];
    const [p, q]: FullGaussian[] = [
      {mean: meanP, covariance: covarianceP},
      {mean: meanQ, covariance: covarianceQ},
    ];
    return [p, q] as const;
  };
  return recomputed(given => full(...pair(given)), inputs, [], {
    gradient: (given, _, dy) =>
      tf.tidy(() => {
        const [p, q] = fullGradient(...pair(given), dy as tf.Tensor1D);
        return [p.mean, p.covariance, q.mean, q.covariance];
      }),
  });
}

/** 1 where a logarithm is not clipped, 0 elsewhere. */
const within = (logVar: tf.Tensor): tf.Tensor =>
  detached(logVar, x => tf.cast(tf.lessEqual(tf.abs(x), LARGEST_LOG_VARIANCE), 'float32'));

/** The gradient of tfjs's own clipping cannot be differentiated again. */
function clip(logVar: tf.Tensor): tf.Tensor {
  const op = tf.customGrad((...args) => {
    const [x, save] = args as unknown as [tf.Tensor, tf.GradSaveFunc];
    save([x]);
    return {
      value: tf.clipByValue(x, -LARGEST_LOG_VARIANCE, LARGEST_LOG_VARIANCE),
      gradFunc: (dy, [x]) => tf.mul(dy, within(x)),
    };
  });
  return op(logVar);
}

function standardNormal(p: Gaussian): Gaussian {
  check('logVar' in p, 'gaussianKl', 'a second distribution beside a full covariance', undefined);
  return {mean: tf.zerosLike(p.mean), logVar: tf.zerosLike(p.logVar)};
}
