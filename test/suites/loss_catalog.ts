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
  misshapen: {yTrue: [1, 2, 3, 3], yPred: [1, 2, 3, 3], error: 'spans of shape [1, 2, K, 2]'},
};

export const LOSS_CATALOG: Record<string, LossEntry> = {
  globalPointerCrossentropy: globalPointer,
  globalPointerCrossentropyLoss: {
    ...globalPointer,
    options: [{threshold: 0.5, reduction: 'none'}, {reduction: 'sumOverHeads'}],
  },
  multilabelCategoricalCrossentropy: multilabel,
  multilabelCategoricalCrossentropyLoss: {...multilabel, options: [{threshold: 0.5}]},
  sparseGlobalPointerCrossentropy: sparseGlobalPointer,
  sparseGlobalPointerCrossentropyLoss: {
    ...sparseGlobalPointer,
    options: [{threshold: 0.5, maskZero: false, reduction: 'none'}, {reduction: 'mean'}],
  },
  sparseMultilabelCategoricalCrossentropy: sparseMultilabel,
  sparseMultilabelCategoricalCrossentropyLoss: {...sparseMultilabel, options: [{threshold: 0.5, maskZero: true}]},
};
