import type * as tf from '@tensorflow/tfjs-core';

import {defineLoss, defineLossMaker, type LossFunction} from '../internal/named_functions.js';
import {hsic as criterion, type HsicOptions} from '../ops/hsic/index.js';

/**
 * Hilbert-Schmidt independence criterion of the rows of a batch: minimise it to make predictions independent of
 * yTrue (a nuisance), or its negative to make them dependent. See `tfa.hsic` for the formulas.
 *
 * It is a number of the whole batch, with a batch of at least 2, better 32. `hsicLoss({sigmaX, sigmaY, estimator})`
 * makes one with options, of which x is yTrue; `estimator: 'normalized'` is the centred kernel alignment CKA.
 *
 * @param yTrue `[B, d]`.
 * @param yPred `[B, e]`.
 * @returns A scalar.
 *
 * ```ts
 * tfa.losses.hsic(tf.randomNormal([8, 2]), tf.randomNormal([8, 3])).print();
 * ```
 *
 * Reference: Gretton et al. 2005; Su Jianlin, kexue.fm/archives/6910.
 */
export const hsic: LossFunction = defineLoss('hsic', (yTrue, yPred) =>
  criterion(yTrue as tf.Tensor2D, yPred as tf.Tensor2D),
);

/** `hsic` with options. */
export const hsicLoss: (args?: HsicOptions) => LossFunction = defineLossMaker(
  'hsicLoss',
  (args: HsicOptions = {}) =>
    (yTrue, yPred) =>
      criterion(yTrue as tf.Tensor2D, yPred as tf.Tensor2D, args),
  {sigmaX: true, sigmaY: true, estimator: true},
);
