import * as tf from '@tensorflow/tfjs';

import {Random} from './random.js';
import type {Task} from './task.js';

const POINTS = 256;
const TURNS = 0.75;
/** Spread of the points: tanh units want inputs of the order of 1. */
const SIZE = 2;
const NOISE = 0.03;

/** Two spirals, one inside the other: a curved problem for a network with two hidden layers. */
export function spirals(): Task {
  const random = new Random(1);
  const points = Array.from({length: POINTS}, (_, i) => {
    const label = i % 2;
    const radius = (i + 8) / (POINTS + 8);
    const angle = 2 * Math.PI * (TURNS * radius + label / 2);
    const x = [Math.cos(angle), Math.sin(angle)].map(side => SIZE * (radius * side + NOISE * random.normal()));
    return {x, label};
  });
  return {
    name: 'Two spirals',
    description: `${POINTS} points of two interleaved spirals; 2 → 24 → 24 → 1 with tanh, logistic loss`,
    x: tf.tensor2d(points.map(({x}) => x)),
    y: tf.tensor2d(points.map(({label}) => [label])),
    build: seed => {
      const dense = (units: number, layer: number) =>
        tf.layers.dense({
          units,
          activation: 'tanh',
          kernelInitializer: tf.initializers.glorotUniform({seed: 100 * seed + layer}),
          ...(layer === 1 && {inputShape: [2]}),
        });
      const head = tf.layers.dense({
        units: 1,
        kernelInitializer: tf.initializers.glorotUniform({seed: 100 * seed + 3}),
      });
      return tf.sequential({layers: [dense(24, 1), dense(24, 2), head]});
    },
    loss: (labels, predictions) => tf.losses.sigmoidCrossEntropy(labels, predictions),
  };
}
