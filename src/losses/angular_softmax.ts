import * as tf from '@tensorflow/tfjs-core';

import {checkRange} from '../internal/check.js';
import {defineLoss, defineLossMaker, type LossFunction} from '../internal/named_functions.js';
import {type Margin, marginSoftmax} from '../ops/margin_softmax/index.js';
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
 * @param yTrue One-hot `[..., C]`, or class numbers `[...]` or `[..., 1]` of any dtype.
 * @param yPred `[..., C]` cosines, as from a `cosineDense` layer.
 * @returns `[...]`, at least 0; `fit` averages it.
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
);

function crossentropy(yTrue: tf.Tensor, yPred: tf.Tensor, scale: number): tf.Tensor {
  return tf.tidy(() => {
    const {labels, predictions, lead} = classRows(yTrue, yPred, 'angularSoftmax');
    return tf.reshape(marginSoftmax(labels, predictions, scale, FOURFOLD_ANGLE), lead);
  });
}

/** cos 4θ = 8 c²(c² − 1) + 1 and its derivative 16 c (2c² − 1). */
const fourfold = (square: tf.Tensor) => tf.add(tf.mul(tf.mul(square, tf.sub(square, 1)), 8), 1);

const FOURFOLD_ANGLE: Margin = {
  target: cosines => tf.minimum(cosines, fourfold(tf.square(cosines))),
  slope: cosines => {
    const square = tf.square(cosines);
    const steep = tf.mul(tf.mul(cosines, 16), tf.sub(tf.mul(square, 2), 1));
    return tf.where(tf.less(fourfold(square), cosines), steep, tf.onesLike(cosines));
  },
};
