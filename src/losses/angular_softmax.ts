import * as tf from '@tensorflow/tfjs-core';

import {checkRange} from '../internal/check.js';
import {defineLoss, defineLossMaker, type LossFunction} from '../internal/named_functions.js';
import {marginSoftmax} from '../ops/margin_softmax/index.js';
import {classRows} from './class_labels.js';

export interface AngularSoftmaxArgs {
  /** Factor of the cosines, > 0. Default 30. */
  scale?: number;
}

/**
 * The simple form of A-Softmax (SphereFace) with an angle four times as large for the true class: softmax
 * cross-entropy of scaled cosines with min(cos θ, cos 4θ) in the place of cos θ_y,
 *
 *   cos 4θ = 8 cos⁴θ − 8 cos²θ + 1.
 *
 * Harder to train than `amSoftmax`. `angularSoftmaxLoss({scale})` makes one with options.
 *
 * @param yTrue One-hot `[..., C]`, or class numbers `[...]` or `[..., 1]` of any dtype; a number outside [0, C) makes a
 *   row without label, which costs 0.
 * @param yPred `[..., C]` cosines, as from a `cosineDense` layer; what is outside [−1, 1] is taken as it is.
 * @returns `[...]`, at least 0; `fit` averages it, as bojone/margin-softmax does.
 *
 * ```ts
 * const cosines = tf.tensor2d([[0.9, 0.1, -0.3]]);
 * tfa.losses.angularSoftmax(tf.tensor1d([0], 'int32'), cosines).print();
 * ```
 *
 * Reference: Liu et al. 2017, arXiv:1704.08063; bojone/margin-softmax `simpler_asoftmax_loss`.
 */
export const angularSoftmax: LossFunction = defineLoss('angularSoftmax', (yTrue, yPred) =>
  crossentropy(yTrue, yPred, 30),
);

/** `angularSoftmax` with options. */
export const angularSoftmaxLoss: (args?: AngularSoftmaxArgs) => LossFunction = defineLossMaker(
  'angularSoftmaxLoss',
  ({scale = 30}: AngularSoftmaxArgs = {}) => {
    checkRange(scale, 'angularSoftmaxLoss', 'scale', [0, Infinity], {low: true, high: true});
    return (yTrue, yPred) => crossentropy(yTrue, yPred, scale);
  },
  {scale: true},
);

function crossentropy(yTrue: tf.Tensor, yPred: tf.Tensor, scale: number): tf.Tensor {
  return tf.tidy(() => {
    const {labels, predictions, lead} = classRows(yTrue, yPred, 'angularSoftmax');
    return tf.reshape(marginSoftmax(labels, predictions, {kind: 'fourfold', margin: 0, scale}), lead);
  });
}
