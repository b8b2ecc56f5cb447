import {describe, expect, test} from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';

import {amSoftmax, amSoftmaxLoss} from '../../src/losses/am_softmax.js';
import {angularSoftmaxLoss} from '../../src/losses/angular_softmax.js';
import {arcFace, arcFaceLoss} from '../../src/losses/arc_face.js';
import {expectClose, expectGradientClose, normal} from '../support/expect.js';
import {goldenLoss} from './golden_loss.js';

const unit = (x: tf.Tensor, axis: number) => tf.div(x, tf.norm(x, 2, axis, true));

describe('losses of cosines', () => {
  test.each(['am_softmax', 'am_softmax_margin0'])('%s, from class numbers and from one-hot labels', async name => {
    const {config, inputs, outputs, grads} = await goldenLoss(name);
    const loss = amSoftmaxLoss({scale: config.scale as number, margin: config.margin as number});
    for (const labels of [inputs.labels, tf.expandDims(inputs.labels, 1), inputs.oneHot]) {
      await expectClose(loss(labels, inputs.logits), outputs.loss);
      await expectGradientClose(tf.grad(x => tf.sum(loss(labels, x)))(inputs.logits), grads.logits);
    }
  });

  test('a_softmax_simple', async () => {
    const {config, inputs, outputs, grads} = await goldenLoss('a_softmax_simple');
    const loss = angularSoftmaxLoss({scale: config.scale as number});
    await expectClose(loss(inputs.labels, inputs.logits), outputs.loss);
    await expectGradientClose(tf.grad(x => tf.sum(loss(inputs.labels, x)))(inputs.logits), grads.logits);
  });

  test.each([
    ['cosface_layer', amSoftmaxLoss],
    ['arcface_layer', arcFaceLoss],
  ])('%s, through the cosines of embeddings and weights', async (name, makeLoss) => {
    const {config, inputs, outputs, grads} = await goldenLoss(name);
    const loss = makeLoss({scale: config.scale as number, margin: config.margin as number});
    const total = (x: tf.Tensor, w: tf.Tensor) =>
      tf.mean(loss(inputs.labels, tf.matMul(unit(x, 1) as tf.Tensor2D, unit(w, 0) as tf.Tensor2D))) as tf.Scalar;
    await expectClose(total(inputs.embeddings, inputs.weights), outputs.loss);
    const [forEmbeddings, forWeights] = tf.grads(total)([inputs.embeddings, inputs.weights]);
    await expectGradientClose(forEmbeddings, grads.embeddings);
    await expectGradientClose(forWeights, grads.weights);
  });

  test('no margin is softmax cross-entropy', async () => {
    const [labels, x] = [tf.oneHot(tf.tensor1d([2, 0], 'int32'), 3), tf.tanh(normal([2, 3], 1))];
    const want = tf.losses.softmaxCrossEntropy(labels, tf.mul(x, 64), undefined, 0, tf.Reduction.NONE);
    await expectClose(amSoftmaxLoss({scale: 64, margin: 0})(labels, x), want);
    await expectClose(arcFaceLoss({scale: 64, margin: 0})(labels, x), want);
  });

  test('a dominant true class costs the little it should, at scale 64 as well', async () => {
    const x = tf.tensor2d([[0.9, 0, 0]]);
    const want = Math.log1p(2 * Math.exp(-30 * 0.55));
    await expectClose(amSoftmax(tf.tensor1d([0]), x), [want]);
    expect((await amSoftmax(tf.tensor1d([0]), x).data())[0]).toBeGreaterThanOrEqual(0);
    await expectClose(amSoftmaxLoss({scale: 64})(tf.tensor1d([0]), tf.tensor2d([[0.5, -0.9]])), [Math.exp(-64 * 1.05)]);
  });

  test('cosines of 1 and a little more are finite; ArcFace keeps falling beyond π − m', async () => {
    const x = tf.tensor2d([[1.0001, -1.0001]]);
    for (const label of [0, 1]) {
      const {value, grad} = tf.valueAndGrad(x => tf.sum(arcFace(tf.tensor1d([label]), x)))(x);
      for (const number of [...(await value.data()), ...(await grad.data())])
        expect(Number.isFinite(number)).toBe(true);
    }
    const cosine = tf.linspace(-1, 1, 41);
    const losses = await arcFace(tf.zeros([41]), tf.stack([cosine, tf.zeros([41])], 1)).data();
    for (let i = 1; i < 41; i++) expect(losses[i]).toBeLessThanOrEqual(losses[i - 1]);
  });

  test('names wrong options and labels', () => {
    expect(() => amSoftmaxLoss({margin: -1})).toThrow('amSoftmaxLoss: expected margin in [0, Infinity), received -1.');
    expect(() => arcFaceLoss({margin: 28.6})).toThrow('arcFaceLoss: expected margin in [0, 1.57');
    expect(() => angularSoftmaxLoss({scale: 0})).toThrow('angularSoftmaxLoss: expected scale in (0, Infinity)');
    expect(() => amSoftmax(tf.zeros([3]), tf.zeros([2, 4]))).toThrow('amSoftmax: expected one-hot labels [2, 4]');
  });
});
