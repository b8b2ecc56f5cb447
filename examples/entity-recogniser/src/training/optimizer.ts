import * as tf from '@tensorflow/tfjs';
import * as tfa from 'tfjs-addons';

import type {Settings} from '../settings.js';

/** Biases and scales are not decayed. */
const NOT_DECAYED = ['bias', 'beta', 'gamma'];

/** The update rule of the settings; its step size grows during the warm-up and falls linearly to 0 at the last step. */
export function makeOptimizer(settings: Settings, totalSteps: number): tf.Optimizer {
  const warmupSteps = Math.min(Math.round(settings.warmup * totalSteps), totalSteps - 1);
  return tfa.train.schedule(updateRule(settings), {kind: 'linear', warmupSteps, decaySteps: totalSteps});
}

function updateRule({optimizer, learningRate, weightDecay}: Settings): tf.Optimizer {
  const decay = {weightDecay, excludeFromDecay: NOT_DECAYED};
  switch (optimizer) {
    case 'adamW':
      return tfa.train.adamW(learningRate, decay);
    case 'adam':
      return tf.train.adam(learningRate);
    case 'sgd':
      return tf.train.sgd(learningRate);
  }
}
