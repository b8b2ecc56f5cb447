import * as tf from '@tensorflow/tfjs-core';

import {checkRange} from '../internal/check.js';
import {defineLoss, defineLossMaker, type LossFunction} from '../internal/named_functions.js';
import {marginSoftmax} from '../ops/margin_softmax/index.js';
import {classRows} from './class_labels.js';

export interface ArcFaceArgs {
  /** Factor of the cosines, > 0. Default 64. */
  scale?: number;
  /** What is added to the angle of the true class, in radians, [0, π/2]. Default 0.5. */
  margin?: number;
}

/**
 * ArcFace: softmax cross-entropy of cosines with a margin m on the angle of the true class,
 *
 *   loss = −log( e^{s cos(θ_y + m)} / (e^{s cos(θ_y + m)} + Σ_{j≠y} e^{s cos θ_j}) ).
 *
 * Where θ_y > π − m, cos θ_y − m sin m takes the place of cos(θ_y + m), so that it keeps falling. Cosines are
 * clipped to ±(1 − 1e-7). `arcFaceLoss({scale, margin})` makes one with options.
 *
 * @param yTrue One-hot `[..., C]`, or class numbers `[...]` or `[..., 1]` of any dtype; a number outside [0, C) makes a
 *   row without label, which costs 0.
 * @param yPred `[..., C]` cosines, as from a `cosineDense` layer.
 * @returns `[...]`, at least 0; `fit` averages it, as pytorch-metric-learning does.
 *
 * ```ts
 * const cosines = tf.tensor2d([[0.9, 0.1, -0.3]]);
 * tfa.losses.arcFace(tf.tensor1d([0], 'int32'), cosines).print();
 * ```
 *
 * Reference: Deng et al. 2019, arXiv:1801.07698; pytorch-metric-learning, which takes degrees (28.6° = 0.4992).
 */
export const arcFace: LossFunction = defineLoss('arcFace', (yTrue, yPred) => crossentropy(yTrue, yPred, {}));

/** `arcFace` with options. */
export const arcFaceLoss: (args?: ArcFaceArgs) => LossFunction = defineLossMaker(
  'arcFaceLoss',
  (args: ArcFaceArgs = {}) => {
    checkRange(args.scale ?? 64, 'arcFaceLoss', 'scale', [0, Infinity], {low: true, high: true});
    checkRange(args.margin ?? 0.5, 'arcFaceLoss', 'margin', [0, Math.PI / 2]);
    return (yTrue, yPred) => crossentropy(yTrue, yPred, args);
  },
  {scale: true, margin: true},
);

function crossentropy(yTrue: tf.Tensor, yPred: tf.Tensor, {scale = 64, margin = 0.5}: ArcFaceArgs): tf.Tensor {
  return tf.tidy(() => {
    const {labels, predictions, lead} = classRows(yTrue, yPred, 'arcFace');
    return tf.reshape(marginSoftmax(labels, predictions, {kind: 'angular', margin, scale}), lead);
  });
}
