import {expect, test} from '@jest/globals';
import type * as tf from '@tensorflow/tfjs-core';
import {layers, sequential} from '@tensorflow/tfjs-layers';

import {setUpTfjs} from '../../../src/internal/setup.js';

setUpTfjs();

test('compiling a Sequential keeps the variables of a frozen layer frozen, and thaws them with it', () => {
  const model = sequential({layers: [layers.dense({units: 2, inputShape: [3]}), layers.dense({units: 1})]});
  const trainable = () =>
    model.layers.map(layer => layer.getWeights().map(weight => (weight as tf.Variable).trainable));
  for (const frozen of [true, false]) {
    model.layers[0].trainable = !frozen;
    model.compile({optimizer: 'sgd', loss: 'meanSquaredError'});
    expect(trainable()).toEqual([
      [!frozen, !frozen],
      [true, true],
    ]);
    expect(model.trainableWeights.length).toBe(frozen ? 2 : 4);
  }
});
