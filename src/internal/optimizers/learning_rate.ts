import type * as tf from '@tensorflow/tfjs-core';

interface RateFields {
  learningRate: number;
  setLearningRate?(rate: number): void;
}

/** The rate of any optimizer: tfjs's, one of this package, or the user's. */
export const learningRateOf = (optimizer: tf.Optimizer): number => (optimizer as unknown as RateFields).learningRate;

/** tfjs's sgd and momentum ignore an assignment to `learningRate`; the others lack the method. */
export function setLearningRateOf(optimizer: tf.Optimizer, rate: number): void {
  const fields = optimizer as unknown as RateFields;
  if (fields.setLearningRate) fields.setLearningRate(rate);
  else fields.learningRate = rate;
}
