/** For each export of src/losses: what to feed it. A missing entry fails the suite. */
import * as tf from '@tensorflow/tfjs-core';

import {normal} from '../support/expect.js';

export interface Sample {
  yTrue: tf.Tensor;
  yPred: tf.Tensor;
}

export interface LossEntry {
  /** Options of a maker, none of them a default; absent for a loss without options. */
  options?: Record<string, unknown>[];
  /** Labels and predictions of a batch; the sizes of other axes may depend on it. */
  sample(batch: number): Sample;
  /** Step of the finite difference: small where the loss bends sharply. Default 1e-2. */
  step?: number;
  /** Predictions far outside the usual, from the usual ones. Default: times 1e4. */
  extreme?(yPred: tf.Tensor): tf.Tensor;
  /** Shapes that do not fit, and a part of what the error says. */
  misshapen: {yTrue: number[]; yPred: number[]; error: string};
}

const hard = (shape: number[], seed: number): tf.Tensor => tf.cast(tf.greater(normal(shape, seed), 0.5), 'float32');

const integers = (shape: number[], below: number): tf.Tensor => {
  const size = tf.util.sizeFromShape(shape);
  const values = Array.from({length: size}, (_, i) => (7 * i + 3) % below);
  return tf.tensor(values, shape, 'int32');
};

const multilabel: LossEntry = {
  sample: batch => ({yTrue: hard([batch, 7], 1), yPred: normal([batch, 7], 2)}),
  misshapen: {yTrue: [2, 3], yPred: [2, 4], error: 'yPred of shape [2, 4], received shape [2, 3]'},
};

const sparseMultilabel: LossEntry = {
  sample: batch => ({yTrue: integers([batch, 2], 7), yPred: normal([batch, 7], 3)}),
  misshapen: {yTrue: [3, 2], yPred: [2, 4], error: 'class numbers [2, K] for logits [2, 4], received shape [3, 2]'},
};

const globalPointer: LossEntry = {
  sample: batch => ({yTrue: hard([batch, 2, 3, 3], 4), yPred: normal([batch, 2, 3, 3], 5)}),
  misshapen: {yTrue: [2, 3, 3], yPred: [1, 2, 3, 3], error: 'labels of shape [1, 2, 3, 3]'},
};

const sparseGlobalPointer: LossEntry = {
  sample: batch => ({yTrue: integers([batch, 2, 2, 2], 3), yPred: normal([batch, 2, 3, 3], 6)}),
  misshapen: {yTrue: [1, 2, 3, 3], yPred: [1, 2, 3, 3], error: 'spans of shape [1, 2, K, 2] or [1, K, 3]'},
};

const cosines: LossEntry = {
  sample: batch => ({yTrue: integers([batch, 1], 5), yPred: tf.mul(tf.tanh(normal([batch, 5], 7)), 0.9)}),
  step: 1e-3,
  extreme: yPred => tf.mul(tf.sign(yPred), 1.001),
  misshapen: {yTrue: [3, 1], yPred: [2, 4], error: 'one-hot labels [2, 4] or class numbers [2], received shape [3, 1]'},
};

const divergence: LossEntry = {
  sample: batch => ({yTrue: normal([batch, 2, 3, 3], 8), yPred: normal([batch, 2, 3, 3], 9)}),
  misshapen: {yTrue: [2, 3, 3], yPred: [1, 2, 3, 3], error: 'two maps of one shape [1, 2, 3, 3]'},
};

const gaussians: LossEntry = {
  sample: batch => ({yTrue: normal([batch, 6], 11, 0.5), yPred: normal([batch, 6], 12, 0.5)}),
  misshapen: {yTrue: [2, 3], yPred: [2, 4], error: 'yPred of shape [2, 4], received shape [2, 3]'},
};

const balanced: LossEntry = {
  sample: batch => ({yTrue: tf.oneHot(integers([batch, 3], 4), 4), yPred: normal([batch, 3, 4], 13)}),
  misshapen: {yTrue: [2, 3], yPred: [2, 4], error: 'one shape [..., n, m], yPred of shape [2, 4]'},
};

const dependence: LossEntry = {
  sample: batch => ({yTrue: normal([batch + 3, 2], 14), yPred: normal([batch + 3, 3], 15)}),
  misshapen: {yTrue: [5, 2], yPred: [4, 2], error: 'y of shape [5, e]'},
};

const pairs: LossEntry = {
  sample: batch => ({yTrue: integers([2 * batch, 1], 5), yPred: normal([2 * batch, 5], 10)}),
  misshapen: {yTrue: [3], yPred: [3, 4], error: 'predictions [2 · batch, ..., classes]'},
};

export const LOSS_CATALOG: Record<string, LossEntry> = {
  amSoftmax: cosines,
  amSoftmaxLoss: {...cosines, options: [{scale: 64, margin: 0.2}]},
  angularSoftmax: cosines,
  angularSoftmaxLoss: {...cosines, options: [{scale: 10}]},
  arcFace: cosines,
  arcFaceLoss: {...cosines, options: [{scale: 10, margin: 0.3}]},
  balancedCategoricalCrossentropy: balanced,
  balancedCategoricalCrossentropyLoss: {...balanced, options: [{form: 'centered'}]},
  binaryFocalCrossentropy: multilabel,
  binaryFocalCrossentropyLoss: {...multilabel, options: [{alpha: 0.75, gamma: 1}]},
  gaussianBhattacharyya: gaussians,
  gaussianKl: gaussians,
  gaussianWasserstein: gaussians,
  globalPointerCrossentropy: globalPointer,
  globalPointerCrossentropyLoss: {
    ...globalPointer,
    options: [{threshold: 0.5, reduction: 'none'}, {reduction: 'sumOverHeads'}],
  },
  globalPointerKl: divergence,
  globalPointerKlLoss: {...divergence, options: [{reduction: 'sumOverHeads'}]},
  hsic: dependence,
  hsicLoss: {
    ...dependence,
    options: [
      {sigmaX: 2, sigmaY: 1.5, estimator: 'unbiased'},
      {sigmaX: 0.5, estimator: 'normalized'},
    ],
  },
  multilabelCategoricalCrossentropy: multilabel,
  multilabelCategoricalCrossentropyLoss: {...multilabel, options: [{threshold: 0.5}]},
  rDrop: pairs,
  rDropLoss: {
    ...pairs,
    options: [{alpha: 1, pairing: 'halves', reduction: 'sum'}],
  },
  sparseGlobalPointerCrossentropy: sparseGlobalPointer,
  sparseGlobalPointerCrossentropyLoss: {
    ...sparseGlobalPointer,
    options: [{threshold: 0.5, maskZero: false, reduction: 'none'}, {reduction: 'mean'}],
  },
  sparseMultilabelCategoricalCrossentropy: sparseMultilabel,
  sparseMultilabelCategoricalCrossentropyLoss: {...sparseMultilabel, options: [{threshold: 0.5, maskZero: true}]},
};
