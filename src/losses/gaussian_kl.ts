import {defineLoss, type LossFunction} from '../internal/named_functions.js';
import {gaussianKl as divergence} from '../ops/gaussian_divergences/index.js';
import {gaussians} from './gaussian_halves.js';

/**
 * Kullback-Leibler divergence KL(p‖q) of independent normal distributions, p = yPred from q = yTrue; with
 * zeros for yTrue the regulariser ½ Σ (μ² + e^s − s − 1) of variational autoencoders.
 *
 * `tfa.gaussianKl` takes means and variances as tensors of their own, and full covariances.
 *
 * @param yTrue `[..., 2N]`: N means and N logarithms of variances.
 * @param yPred `[..., 2N]`.
 * @returns `[...]`, the sum over N; `fit` averages it. Weigh it against another loss by a function of your own.
 *
 * ```ts
 * const yTrue = tf.tensor2d([[0, 0, 0, 0]]); // two means, two logarithms of variances
 * tfa.losses.gaussianKl(yTrue, tf.tensor2d([[1, -1, 0.5, 0]])).print();
 * ```
 *
 * Reference: Su Jianlin, kexue.fm/archives/8512.
 */
export const gaussianKl: LossFunction = defineLoss('gaussianKl', (yTrue, yPred) =>
  gaussians('gaussianKl', yTrue, yPred, (truth, prediction) => divergence(prediction, truth)),
);
