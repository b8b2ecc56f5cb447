import {defineLoss, type LossFunction} from '../internal/named_functions.js';
import {gaussianWasserstein as divergence} from '../ops/gaussian_divergences/index.js';
import {gaussians} from './gaussian_halves.js';

/**
 * Squared Wasserstein-2 distance of independent normal distributions, Σ (μ₁ − μ₂)² + (σ₁ − σ₂)². Symmetric.
 *
 * `tfa.gaussianWasserstein` takes means and variances as tensors of their own, and full covariances.
 *
 * @param yTrue `[..., 2N]`: N means and N logarithms of variances.
 * @param yPred `[..., 2N]`.
 * @returns `[...]`, the sum over N; `fit` averages it. Weigh it against another loss by a function of your own.
 *
 * ```ts
 * const yTrue = tf.tensor2d([[0, 0, 0, 0]]); // two means, two logarithms of variances
 * tfa.losses.gaussianWasserstein(yTrue, tf.tensor2d([[1, -1, 0.5, 0]])).print();
 * ```
 *
 * Reference: Su Jianlin, kexue.fm/archives/8512.
 */
export const gaussianWasserstein: LossFunction = defineLoss('gaussianWasserstein', (yTrue, yPred) =>
  gaussians('gaussianWasserstein', yTrue, yPred, divergence),
);
