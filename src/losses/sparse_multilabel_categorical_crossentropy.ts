import * as tf from '@tensorflow/tfjs-core';

import {check} from '../internal/check.js';
import {defineLoss, defineLossMaker, type LossFunction} from '../internal/named_functions.js';
import {multilabelCrossentropy} from '../ops/multilabel_crossentropy/index.js';

export interface SparseMultilabelCategoricalCrossentropyArgs {
  /** Logit above which a class counts as predicted; the loss is that of the logits minus it. Default 0. */
  threshold?: number;
  /** The index 0 is padding, and class 0 takes no part: neither true nor false. Default false. */
  maskZero?: boolean;
}

/**
 * `multilabelCategoricalCrossentropy` with the true classes given as a list of their numbers. It has the value and
 * gradient of the dense form, to the last digit that float32 has, and never makes dense labels.
 *
 * Lists of different lengths are padded with a negative number (or with 0 and `maskZero`, as in bert4keras). Numbers
 * outside [0, C) are padding, and a class that is listed twice counts once. bert4keras subtracts the true classes
 * from the sum of all, which fails once they dominate: a true logit of 20 among −20 gives 3.88 instead of 8e-9.
 *
 * `fit` demands labels of the shape of the output, unless the data come as a dataset.
 * `sparseMultilabelCategoricalCrossentropyLoss({threshold, maskZero})` makes one with options.
 *
 * @param yTrue `[..., K]` class numbers, int32 or whole float32.
 * @param yPred `[..., C]` logits, float32; below −1e11, such as −Infinity, an absent class.
 * @returns `[...]`, nats of each example; `fit` averages them. bert4keras does the same.
 *
 * ```ts
 * const trueClasses = tf.tensor2d([[0, 3], [2, -1]], [2, 2], 'int32');
 * const logits = tf.tensor2d([[3, -2, 0.5, -1], [0, 0, 1, -4]]);
 * tfa.losses.sparseMultilabelCategoricalCrossentropy(trueClasses, logits).print();
 * ```
 *
 * Reference: Su Jianlin, kexue.fm/archives/7359; bert4keras `sparse_multilabel_categorical_crossentropy`.
 */
export const sparseMultilabelCategoricalCrossentropy: LossFunction = defineLoss(
  'sparseMultilabelCategoricalCrossentropy',
  (yTrue, yPred) => crossentropy(yTrue, yPred, 0, false),
);

/** `sparseMultilabelCategoricalCrossentropy` with options. */
export const sparseMultilabelCategoricalCrossentropyLoss: (
  args?: SparseMultilabelCategoricalCrossentropyArgs,
) => LossFunction = defineLossMaker(
  'sparseMultilabelCategoricalCrossentropyLoss',
  ({threshold = 0, maskZero = false}: SparseMultilabelCategoricalCrossentropyArgs = {}) => {
    const where = 'sparseMultilabelCategoricalCrossentropyLoss';
    check(Number.isFinite(threshold), where, 'threshold to be finite', threshold);
    return (yTrue, yPred) => crossentropy(yTrue, yPred, threshold, maskZero);
  },
  {threshold: true, maskZero: true},
);

function crossentropy(yTrue: tf.Tensor, yPred: tf.Tensor, threshold: number, maskZero: boolean): tf.Tensor {
  const lead = yPred.shape.slice(0, -1);
  check(
    yPred.rank > 0 && yTrue.rank === yPred.rank && tf.util.arraysEqual(yTrue.shape.slice(0, -1), lead),
    'sparseMultilabelCategoricalCrossentropy',
    `class numbers [${[...lead, 'K'].join(', ')}] for logits [${yPred.shape.join(', ')}]`,
    {shape: yTrue.shape},
  );
  const rows = tf.util.sizeFromShape(lead);
  return tf.tidy(() => {
    const indices = tf.reshape(tf.cast(yTrue, 'int32'), [rows, yTrue.shape[yTrue.rank - 1]]);
    const logits = tf.reshape(yPred, [rows, yPred.shape[yPred.rank - 1] as number]) as tf.Tensor2D;
    return tf.reshape(multilabelCrossentropy(indices, logits, {form: 'indices', threshold, maskZero, side: 0}), lead);
  });
}
