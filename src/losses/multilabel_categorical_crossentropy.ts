import * as tf from '@tensorflow/tfjs-core';

import {check} from '../internal/check.js';
import {defineLoss, defineLossMaker, type LossFunction} from '../internal/named_functions.js';
import {multilabelCrossentropy} from '../ops/multilabel_crossentropy/index.js';

export interface MultilabelCategoricalCrossentropyArgs {
  /** Logit above which a class counts as predicted; the loss is that of the logits minus it. Default 0. */
  threshold?: number;
}

/**
 * Softmax cross-entropy for any number of true classes, with labels t in [0, 1] and logits s,
 *
 *   loss = log(1 + Σ (1 − tᵢ) exp(sᵢ)) + log(1 + Σ tᵢ exp(−sᵢ)).
 *
 * For hard labels the first sum is over the false and the second over the true classes. It pushes every true logit
 * above 0 and every false one below: predict sᵢ > 0. Unlike sigmoid cross-entropy it compares classes with each
 * other, so that few true classes among many need no weights. With soft labels the optimum is tᵢ = σ(2 sᵢ), which
 * is then the probability of a class (not σ(sᵢ)).
 *
 * No activation before it. A logit below −1e11, such as −Infinity, is an absent class, in neither sum, even if its
 * label is 1. An empty sum gives log 1 = 0. Exact at logits of ±1e4. Labels outside [0, 1] are clipped, and get no
 * gradient.
 *
 * `multilabelCategoricalCrossentropyLoss({threshold})` makes one with options.
 *
 * @param yTrue `[..., C]`, degrees in [0, 1], any dtype.
 * @param yPred `[..., C]` logits, float32.
 * @returns `[...]`, nats of each example; `fit` averages them. bert4keras does the same.
 *
 * ```ts
 * const yTrue = tf.tensor2d([[1, 0, 0, 1]]);
 * const logits = tf.tensor2d([[3, -2, 0.5, -1]]);
 * tfa.losses.multilabelCategoricalCrossentropy(yTrue, logits).print();
 * ```
 *
 * Reference: Su Jianlin, kexue.fm/archives/7359 and 9064; Su et al. 2022, arXiv:2208.02955.
 */
export const multilabelCategoricalCrossentropy: LossFunction = defineLoss(
  'multilabelCategoricalCrossentropy',
  (yTrue, yPred) => crossentropy(yTrue, yPred, 0),
);

/** `multilabelCategoricalCrossentropy` with options. */
export const multilabelCategoricalCrossentropyLoss: (args?: MultilabelCategoricalCrossentropyArgs) => LossFunction =
  defineLossMaker(
    'multilabelCategoricalCrossentropyLoss',
    ({threshold = 0}: MultilabelCategoricalCrossentropyArgs = {}) => {
      check(Number.isFinite(threshold), 'multilabelCategoricalCrossentropyLoss', 'threshold to be finite', threshold);
      return (yTrue, yPred) => crossentropy(yTrue, yPred, threshold);
    },
    {threshold: true},
  );

function crossentropy(yTrue: tf.Tensor, yPred: tf.Tensor, threshold: number): tf.Tensor {
  const where = 'multilabelCategoricalCrossentropy';
  check(yPred.rank > 0, where, 'logits [..., classes]', yPred);
  check(
    tf.util.arraysEqual(yTrue.shape, yPred.shape),
    where,
    `yTrue and yPred of one shape, yPred of shape [${yPred.shape.join(', ')}]`,
    {shape: yTrue.shape},
    'Lists of class numbers go to sparseMultilabelCategoricalCrossentropy.',
  );
  const classes = yPred.shape[yPred.rank - 1];
  return tf.tidy(() => {
    const loss = multilabelCrossentropy(rows(yTrue, classes), rows(yPred, classes), {
      form: 'dense',
      threshold,
      maskZero: false,
      side: 0,
    });
    return tf.reshape(loss, yPred.shape.slice(0, -1));
  });
}

const rows = (x: tf.Tensor, classes: number): tf.Tensor2D =>
  tf.reshape(x, [x.shape.slice(0, -1).reduce((count, size) => count * size, 1), classes]);
