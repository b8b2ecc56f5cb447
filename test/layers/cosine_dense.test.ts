import {describe, expect, test} from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import {sequential} from '@tensorflow/tfjs-layers';

import {CosineDense} from '../../src/layers/cosine_dense.js';
import {amSoftmaxLoss} from '../../src/losses/am_softmax.js';
import {arcFaceLoss} from '../../src/losses/arc_face.js';
import {goldenLoss} from '../losses/golden_loss.js';
import {expectClose, expectGradientClose, normal} from '../support/expect.js';

describe('CosineDense', () => {
  test.each([
    ['cosface_layer', amSoftmaxLoss],
    ['arcface_layer', arcFaceLoss],
  ])('%s: cosines, loss and gradients of embeddings and weights', async (name, makeLoss) => {
    const {config, inputs, outputs, grads} = await goldenLoss(name);
    const layer = new CosineDense({units: 3});
    layer.apply(inputs.embeddings);
    layer.setWeights([inputs.weights]);
    await expectClose(layer.apply(inputs.embeddings) as tf.Tensor, outputs.cosine);
    const loss = makeLoss({scale: config.scale as number, margin: config.margin as number});
    const total = () => tf.mean(loss(inputs.labels, layer.apply(inputs.embeddings) as tf.Tensor)) as tf.Scalar;
    await expectClose(total(), outputs.loss);
    const {grads: weights} = tf.variableGrads(total);
    await expectGradientClose(Object.values(weights)[0], grads.weights);
    const forEmbeddings = tf.grad(x => tf.mean(loss(inputs.labels, layer.apply(x) as tf.Tensor)))(inputs.embeddings);
    await expectGradientClose(forEmbeddings, grads.embeddings);
  });

  test('the length of the input is no information; a zero vector gives 0', async () => {
    const layer = new CosineDense({units: 5});
    const x = normal([2, 3, 4], 1);
    const y = layer.apply(x) as tf.Tensor;
    await expectClose(layer.apply(tf.mul(x, 1e3)) as tf.Tensor, y);
    const gradient = tf.grad(x => tf.sum(layer.apply(x) as tf.Tensor))(tf.zeros([1, 1, 4]));
    await expectClose(layer.apply(tf.zeros([1, 1, 4])) as tf.Tensor, tf.zeros([1, 1, 5]));
    for (const value of await gradient.data()) expect(Number.isFinite(value)).toBe(true);
  });

  test('learns to separate classes with a margin', async () => {
    const model = sequential({layers: [new CosineDense({units: 2, inputShape: [2]})]});
    model.compile({optimizer: tf.train.sgd(0.1), loss: amSoftmaxLoss({scale: 10})});
    const x = tf.tensor2d([
      [1, 0.1],
      [2, -0.1],
      [0.1, 1],
      [-0.1, 3],
    ]);
    const labels = tf.tensor2d([
      [1, 0],
      [1, 0],
      [0, 1],
      [0, 1],
    ]);
    const first = (await model.trainOnBatch(x, labels)) as number;
    for (let step = 0; step < 20; step++) await model.trainOnBatch(x, labels);
    expect((await model.trainOnBatch(x, labels)) as number).toBeLessThan(first);
  });
});
