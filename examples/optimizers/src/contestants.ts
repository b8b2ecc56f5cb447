import * as tf from '@tensorflow/tfjs';
import * as tfa from 'tfjs-addons';

/** The stock optimizer whose learning rates a contestant is given, so that all start from the same place. */
export type Family = 'sgd' | 'momentum' | 'adam';

export interface Contestant {
  readonly name: string;
  readonly family: Family;
  /** Whether it changes its own step sizes. */
  readonly adapts: boolean;
  make(learningRate: number): tf.Optimizer;
}

/** γ_p: gains may change by this share a step. The paper's 0.01 suits runs of many thousand steps. */
const GAIN_LEARNING_RATE = 0.05;
/** γ_s: likewise the scale. */
const SCALE_LEARNING_RATE = 0.02;
const RATES = {gainLearningRate: GAIN_LEARNING_RATE, scaleLearningRate: SCALE_LEARNING_RATE};

export const CONTESTANTS: readonly Contestant[] = [
  {name: 'sgd', family: 'sgd', adapts: false, make: rate => tf.train.sgd(rate)},
  {name: 'momentum', family: 'momentum', adapts: false, make: rate => tf.train.momentum(rate, 0.9)},
  {name: 'adam', family: 'adam', adapts: false, make: rate => tf.train.adam(rate)},
  {name: 'adamW', family: 'adam', adapts: false, make: rate => tfa.train.adamW(rate)},
  {name: 'lookahead(adam)', family: 'adam', adapts: false, make: rate => tfa.train.lookahead(tf.train.adam(rate))},
  {name: 'egStepSize', family: 'momentum', adapts: true, make: rate => tfa.train.egStepSize(rate, RATES)},
  {
    name: 'adaptStepSize(adam)',
    family: 'adam',
    adapts: true,
    make: rate => tfa.train.adaptStepSize(tf.train.adam(rate), RATES),
  },
];
