import * as tf from '@tensorflow/tfjs';

import type {Contestant} from '../contestants.js';
import {type Documents, type Splits, TAGS} from '../data/documents.js';
import {Random} from '../data/random.js';
import {bestThreshold, f1OfTags, macroF1, mean} from './f1.js';

export interface Budget {
  epochs: number;
  batch: number;
  /** Units of the hidden layer. */
  units: number;
}

export interface Outcome {
  /** Mean F1 of the tags of the validation documents after each epoch, at the threshold 0. */
  curve: number[];
  /** The same after the last epoch, at the threshold that is best there. */
  validation: number;
  threshold: number;
  /** F1 of each tag of the test documents, at the threshold 0 and at the best one of the validation. */
  atZero: number[];
  atBest: number[];
}

/** Trains a new model. The same seed gives the same weights and batches. */
export async function train(
  {train, validation, test, words}: Splits,
  {loss}: Contestant,
  learningRate: number,
  {epochs, batch, units}: Budget,
  seed: number,
): Promise<Outcome> {
  const model = tf.sequential({
    layers: [dense(units, 2 * seed, {activation: 'relu', inputShape: [words]}), dense(TAGS, 2 * seed + 1, {})],
  });
  model.compile({optimizer: tf.train.adam(learningRate), loss});
  const random = new Random(seed);
  const [features, labels] = tensorsOf(train, words);
  const curve: number[] = [];
  for (let epoch = 0; epoch < epochs; epoch++) {
    const order = random.order(train.count);
    for (let first = 0; first + batch <= train.count; first += batch) {
      const [x, y] = tf.tidy(() => {
        const rows = tf.tensor1d(order.slice(first, first + batch), 'int32');
        return [tf.gather(features, rows), tf.gather(labels, rows)];
      });
      await model.trainOnBatch(x, y);
      tf.dispose([x, y]);
    }
    curve.push(macroF1(await score(model, validation, words), 0));
  }
  const [held, tested] = [await score(model, validation, words), await score(model, test, words)];
  tf.dispose([features, labels]);
  model.dispose();
  const threshold = bestThreshold(held);
  return {
    curve,
    validation: macroF1(held, threshold),
    threshold,
    atZero: f1OfTags(tested, 0),
    atBest: f1OfTags(tested, threshold),
  };
}

/** Runs of several seeds as one: means of all their numbers. */
export function meanOutcome(outcomes: readonly Outcome[]): Outcome {
  const each = (pick: (outcome: Outcome) => number[]) =>
    pick(outcomes[0]).map((_, i) => mean(outcomes.map(outcome => pick(outcome)[i])));
  return {
    curve: each(({curve}) => curve),
    validation: mean(outcomes.map(({validation}) => validation)),
    threshold: mean(outcomes.map(({threshold}) => threshold)),
    atZero: each(({atZero}) => atZero),
    atBest: each(({atBest}) => atBest),
  };
}

const dense = (units: number, seed: number, options: object) =>
  tf.layers.dense({units, kernelInitializer: tf.initializers.glorotUniform({seed}), ...options});

const tensorsOf = ({count, features, labels}: Documents, words: number): [tf.Tensor2D, tf.Tensor2D] => [
  tf.tensor2d(features, [count, words]),
  tf.tensor2d(labels, [count, TAGS]),
];

async function score(model: tf.LayersModel, documents: Documents, words: number) {
  const [features, labels] = tensorsOf(documents, words);
  const scores = model.predict(features) as tf.Tensor;
  const logits = (await scores.data()) as Float32Array;
  tf.dispose([features, labels, scores]);
  return {logits, labels: documents.labels};
}
