import * as tf from '@tensorflow/tfjs';

import {Random} from './random.js';
import type {Task} from './task.js';

const EXAMPLES = 256;
const FEATURES = 16;
/** Largest over smallest scale of the features: the curvature spans its square. */
const SPREAD = 30;

/**
 * Logistic regression on features of very different scales: a long narrow valley, where each weight wants its own
 * rate. Labels are drawn, so the best loss is above 0. Gradients are bounded: too large a step does not run away but
 * jumps from side to side.
 */
export function valley(): Task {
  const random = new Random(2);
  const scales = Array.from({length: FEATURES}, (_, i) => SPREAD ** (i / (FEATURES - 1) - 0.5));
  const truth = scales.map(scale => random.normal() / scale);
  const examples = Array.from({length: EXAMPLES}, () => scales.map(scale => scale * random.normal()));
  const labels = examples.map(x => {
    const logit = x.reduce((sum, value, i) => sum + value * truth[i], 0);
    return [random.next() < 1 / (1 + Math.exp(-logit)) ? 1 : 0];
  });
  return {
    name: 'Narrow valley',
    description: `logistic regression on ${FEATURES} features whose scales span a factor of ${SPREAD}`,
    x: tf.tensor2d(examples),
    y: tf.tensor2d(labels),
    build: () =>
      tf.sequential({layers: [tf.layers.dense({units: 1, inputShape: [FEATURES], kernelInitializer: 'zeros'})]}),
    loss: (labels, predictions) => tf.losses.sigmoidCrossEntropy(labels, predictions),
  };
}
