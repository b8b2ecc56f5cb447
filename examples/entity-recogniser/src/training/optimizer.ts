import * as tf from '@tensorflow/tfjs';
import * as tfa from 'tfjs-addons';

import {EMBEDDINGS} from '../model.js';
import type {Settings} from '../settings.js';

/** Biases, scales and embeddings are not decayed. */
const NOT_DECAYED = ['bias', 'beta', 'gamma', 'embeddings'];

/**
 * The optimizer of the settings: gradients, also at moved embeddings, clipped; an update rule; a step size that grows
 * during the warm-up and falls linearly to 0 at the last step; and an average of the weights beside them.
 */
export function makeOptimizer(settings: Settings, totalSteps: number): tf.Optimizer {
  const {clip, adversarial, warmup, average} = settings;
  const warmupSteps = Math.min(Math.round(warmup * totalSteps), totalSteps - 1);
  const rule = updateRule(settings);
  const clipped = clip ? tfa.train.clipGradients(rule, {globalNorm: clip}) : rule;
  const moved = adversarial
    ? tfa.train.adversarialOutputs(clipped, {epsilon: adversarial, layers: [`^${EMBEDDINGS}$`]})
    : clipped;
  const scheduled = tfa.train.schedule(moved, {kind: 'linear', warmupSteps, decaySteps: totalSteps});
  return average ? tfa.train.averageWeights(scheduled, {decay: average}) : scheduled;
}

function updateRule({optimizer, learningRate, weightDecay}: Settings): tf.Optimizer {
  const decay = {weightDecay, excludeFromDecay: NOT_DECAYED};
  switch (optimizer) {
    case 'adamW':
      return tfa.train.adamW(learningRate, decay);
    case 'lamb':
      return tfa.train.lamb(learningRate, decay);
    case 'lion':
      return tfa.train.lion(learningRate, decay);
    case 'lookahead':
      return tfa.train.lookahead(tfa.train.adamW(learningRate, decay));
    case 'egStepSize':
      return tfa.train.egStepSize(learningRate);
    case 'adam':
      return tf.train.adam(learningRate);
    case 'sgd':
      return tf.train.sgd(learningRate);
  }
}

/** `run` with the averaged weights in the model, where the optimizer keeps such; training goes on with its own. */
export async function withAveragedWeights<T>({optimizer}: tf.LayersModel, run: () => Promise<T>): Promise<T> {
  if (!isAveraging(optimizer)) return run();
  optimizer.swap();
  try {
    return await run();
  } finally {
    optimizer.restore();
  }
}

const isAveraging = (optimizer: tf.Optimizer): optimizer is tfa.train.AverageWeights =>
  optimizer.getClassName() === tfa.train.AverageWeights.className;
