import * as tf from '@tensorflow/tfjs-core';

import {check, checkRange} from '../internal/check.js';
import {defineLoss, defineLossMaker, type LossFunction} from '../internal/named_functions.js';
import {focalCrossentropy} from '../ops/focal_crossentropy/index.js';

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
 * @param yTrue `[..., C]`, degrees, clipped to [0, 1].
 * @param yPred `[..., C]` logits: no sigmoid.
 * @returns `[...]`; `fit` averages it. Keras does the same; the paper divides the sum over all by the number of true
 *   elements, beside which this is smaller by their share.
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
  {alpha: true, gamma: true},
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
  const classes = yPred.shape[yPred.rank - 1] as number;
  const lead = yPred.shape.slice(0, -1);
  const rows = tf.util.sizeFromShape(lead);
  return tf.tidy(() => {
    const loss = focalCrossentropy(tf.reshape(yTrue, [rows, classes]), tf.reshape(yPred, [rows, classes]), {
      alpha,
      gamma,
    });
    return tf.reshape(loss, lead);
  });
}
