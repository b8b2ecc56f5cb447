import {describe, expect, test} from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import {input, type LayersModel, layers, model, type SymbolicTensor, sequential} from '@tensorflow/tfjs-layers';

import {defineLoss} from '../../../src/internal/named_functions.js';
import {setUpTfjs} from '../../../src/internal/setup.js';
import {compileModel} from '../../../src/models/index.js';

setUpTfjs();

/** Labels `[B, 1]`, scores `[B, 5]`. */
const labelLoss = (labels: tf.Tensor, scores: tf.Tensor) =>
  tf.neg(tf.sum(tf.mul(tf.oneHot(tf.cast(tf.squeeze(labels, [1]), 'int32'), 5), tf.logSoftmax(scores))));
const definedLabelLoss = defineLoss('testLabelLoss', (labels, scores) => labelLoss(labels, scores));

const makers: Record<string, () => LayersModel> = {
  'a sequential model': () => sequential({layers: [layers.dense({units: 5, inputShape: [2]})]}),
  'a functional model': () => {
    const x = input({shape: [2]});
    return model({inputs: x, outputs: layers.dense({units: 5}).apply(x) as SymbolicTensor});
  },
};
const X = () => tf.ones([3, 2]);
const LABELS = () => tf.tensor2d([[0], [4], [2]]);

describe('targets of another shape than the output', () => {
  test.each(Object.keys(makers))('fit %s that compile got with a loss of this package', async name => {
    const made = makers[name]();
    made.compile({optimizer: 'sgd', loss: definedLabelLoss});
    const {history} = await made.fit(X(), LABELS(), {epochs: 2, verbose: 0});
    expect(history.loss[1]).toBeLessThan(history.loss[0] as number);
    expect((made.evaluate(X(), LABELS()) as tf.Scalar).shape).toEqual([]);
  });

  test.each(Object.keys(makers))('fit %s that compileModel got with any function', async name => {
    const made = makers[name]();
    compileModel(made, {optimizer: 'sgd', loss: labelLoss});
    await made.trainOnBatch(X(), LABELS());
  });

  test('are still refused for other functions and for the losses of tfjs', async () => {
    const made = makers['a functional model']();
    made.compile({optimizer: 'sgd', loss: labelLoss});
    await expect(made.fit(X(), LABELS(), {verbose: 0})).rejects.toThrow('each example has shape [5]');
    compileModel(made, {optimizer: 'sgd', loss: 'meanSquaredError'});
    await expect(made.fit(X(), LABELS(), {verbose: 0})).rejects.toThrow('each example has shape [5]');
  });

  test('are looked at output by output', async () => {
    const x = input({shape: [2]});
    const outputs = ['a', 'b'].map(name => layers.dense({units: 5, name}).apply(x) as SymbolicTensor);
    const made = model({inputs: x, outputs});
    made.compile({optimizer: 'sgd', loss: {a: definedLabelLoss, b: 'meanSquaredError'} as never});
    await made.trainOnBatch(X(), [LABELS(), tf.zeros([3, 5])]);
    await expect(made.trainOnBatch(X(), [LABELS(), LABELS()])).rejects.toThrow('each example has shape [5]');
  });
});
