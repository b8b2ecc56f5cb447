import * as tf from '@tensorflow/tfjs-core';

import {check, checkRange} from '../internal/check.js';
import {defineLoss, defineLossMaker, type LossFunction} from '../internal/named_functions.js';
import {recomputed} from '../internal/recomputed.js';

export interface BinaryFocalCrossentropyArgs {
  /** Weight of the true classes, that of the false ones being 1 − α; [0, 1]. Default 0.25. */
  alpha?: number;
  /** Power γ with which well classified elements lose weight, 0 or at least 1. Default 2. */
  gamma?: number;
}

/**
 * Focal loss of logits s with p = σ(s), the mean over the last axis of
 *
 *   −α t (1 − p)^γ log p − (1 − α) (1 − t) p^γ log(1 − p).
 *
 * For many easy negatives; compare `multilabelCategoricalCrossentropy`, which needs no weights. Computed from logits
 * by softplus, so that it is finite everywhere. `binaryFocalCrossentropyLoss({alpha, gamma})` makes one with options.
 *
 * @param yTrue `[..., C]`, degrees in [0, 1].
 * @param yPred `[..., C]` logits: no sigmoid.
 * @returns `[...]`; `fit` averages it.
 *
 * ```ts
 * tfa.losses.binaryFocalCrossentropy(tf.tensor2d([[1, 0]]), tf.tensor2d([[2, -1]])).print();
 * ```
 *
 * Reference: Lin et al. 2017, arXiv:1708.02002.
 */
export const binaryFocalCrossentropy: LossFunction = defineLoss('binaryFocalCrossentropy', (yTrue, yPred) =>
  crossentropy(yTrue, yPred, {}),
);

/** `binaryFocalCrossentropy` with options. */
export const binaryFocalCrossentropyLoss: (args?: BinaryFocalCrossentropyArgs) => LossFunction = defineLossMaker(
  'binaryFocalCrossentropyLoss',
  (args: BinaryFocalCrossentropyArgs = {}) => {
    checkRange(args.alpha ?? 0.25, 'binaryFocalCrossentropyLoss', 'alpha', [0, 1]);
    checkRange(args.gamma ?? 2, 'binaryFocalCrossentropyLoss', 'gamma', [0, Infinity], {high: true});
    return (yTrue, yPred) => crossentropy(yTrue, yPred, args);
  },
);

function crossentropy(
  yTrue: tf.Tensor,
  yPred: tf.Tensor,
  {alpha = 0.25, gamma = 2}: BinaryFocalCrossentropyArgs,
): tf.Tensor {
  check(
    yPred.rank > 0 && tf.util.arraysEqual(yTrue.shape, yPred.shape),
    'binaryFocalCrossentropy',
    `yTrue and yPred of one shape, yPred of shape [${yPred.shape.join(', ')}]`,
    {shape: yTrue.shape},
  );
  return tf.tidy(() => {
    const labels = tf.clipByValue(tf.cast(yTrue, 'float32'), 0, 1);
    const compute = ([s]: (tf.Tensor | undefined)[], [t]: (tf.Tensor | undefined)[]) => {
      const [logits, degrees] = [s as tf.Tensor, t as tf.Tensor];
      const [lossIfTrue, lossIfFalse] = [tf.softplus(tf.neg(logits)), tf.softplus(logits)]; // −log p, −log(1 − p)
      const positive = tf.mul(tf.exp(tf.mul(lossIfFalse, -gamma)), tf.mul(lossIfTrue, alpha));
      const negative = tf.mul(tf.exp(tf.mul(lossIfTrue, -gamma)), tf.mul(lossIfFalse, 1 - alpha));
      return tf.mean(tf.add(tf.mul(degrees, positive), tf.mul(tf.sub(1, degrees), negative)), -1);
    };
    return recomputed(compute, [yPred], [labels]);
  });
}
