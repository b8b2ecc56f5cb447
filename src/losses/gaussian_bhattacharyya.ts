import {defineLoss, type LossFunction} from '../internal/named_functions.js';
import {gaussianBhattacharyya as divergence} from '../ops/gaussian_divergences/index.js';
import {gaussians} from './gaussian_halves.js';

/**
 * Bhattacharyya distance of independent normal distributions. Symmetric.
 *
 * `tfa.gaussianBhattacharyya` takes means and variances as tensors of their own, and full covariances.
 *
 * @param yTrue `[..., 2N]`: N means and N logarithms of variances.
 * @param yPred `[..., 2N]`.
 * @returns `[...]`, the sum over N; `fit` averages it. Weigh it against another loss by a function of your own.
 *
 * ```ts
 * const yTrue = tf.tensor2d([[0, 0, 0, 0]]); // two means, two logarithms of variances
 * tfa.losses.gaussianBhattacharyya(yTrue, tf.tensor2d([[1, -1, 0.5, 0]])).print();
 * ```
 *
 * Reference: Su Jianlin, kexue.fm/archives/8512.
 */
export const gaussianBhattacharyya: LossFunction = defineLoss('gaussianBhattacharyya', (yTrue, yPred) =>
  gaussians('gaussianBhattacharyya', yTrue, yPred, divergence),
);
