import * as tf from '@tensorflow/tfjs-core';

import {checkRange} from '../internal/check.js';
import {defineLoss, defineLossMaker, type LossFunction} from '../internal/named_functions.js';
import {marginSoftmax} from '../ops/margin_softmax/index.js';
import {classRows} from './class_labels.js';

export interface AmSoftmaxArgs {
  /** Factor of the cosines, > 0. Default 30. */
  scale?: number;
  /** What is taken from the cosine of the true class, ≥ 0. Default 0.35. */
  margin?: number;
}

/**
 * AM-Softmax (CosFace): softmax cross-entropy of cosines with an additive margin m and scale s,
 *
 *   loss = −log( e^{s (cos_y − m)} / (e^{s (cos_y − m)} + Σ_{j≠y} e^{s cos_j}) ).
 *
 * For retrieval and verification: with the margin, vectors of one class come closer to each other than to any of
 * another, which plain softmax (m = 0) does not ask for. Feed it cosines: a `cosineDense` layer after the encoder.
 * `amSoftmaxLoss({scale, margin})` makes one with options; pytorch-metric-learning's CosFace has a scale of 64.
 *
 * @param yTrue One-hot `[..., C]`, or class numbers `[...]` or `[..., 1]` of any dtype; a number outside [0, C) makes a
 *   row without label, which costs 0. `fit` wants the shape of the output; a dataset does not.
 * @param yPred `[..., C]` cosines. Whatever is outside [−1, 1], by rounding or more, is taken as it is.
 * @returns `[...]`, at least 0; `fit` averages it, as bojone/margin-softmax and pytorch-metric-learning do. It has no
 *   weight but `scale`, by which gradients grow.
 *
 * ```ts
 * const cosines = tf.tensor2d([[0.9, 0.1, -0.3]]);
 * tfa.losses.amSoftmax(tf.tensor1d([0], 'int32'), cosines).print();
 * ```
 *
 * Reference: Wang et al. 2018, arXiv:1801.05599; Su Jianlin, kexue.fm/archives/5743; bojone/margin-softmax, whose
 * sparse form gets negative or NaN in float32 once the true class dominates.
 */
export const amSoftmax: LossFunction = defineLoss('amSoftmax', (yTrue, yPred) => crossentropy(yTrue, yPred, {}));

/** `amSoftmax` with options. */
export const amSoftmaxLoss: (args?: AmSoftmaxArgs) => LossFunction = defineLossMaker(
  'amSoftmaxLoss',
  (args: AmSoftmaxArgs = {}) => {
    checkRange(args.scale ?? 30, 'amSoftmaxLoss', 'scale', [0, Infinity], {low: true, high: true});
    checkRange(args.margin ?? 0.35, 'amSoftmaxLoss', 'margin', [0, Infinity], {high: true});
    return (yTrue, yPred) => crossentropy(yTrue, yPred, args);
  },
  {scale: true, margin: true},
);

function crossentropy(yTrue: tf.Tensor, yPred: tf.Tensor, {scale = 30, margin = 0.35}: AmSoftmaxArgs): tf.Tensor {
  return tf.tidy(() => {
    const {labels, predictions, lead} = classRows(yTrue, yPred, 'amSoftmax');
    return tf.reshape(marginSoftmax(labels, predictions, {kind: 'additive', margin, scale}), lead);
  });
}
