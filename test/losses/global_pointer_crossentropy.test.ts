import {describe, expect, test} from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';

import {
  globalPointerCrossentropyLoss,
  globalPointerCrossentropy as loss,
} from '../../src/losses/global_pointer_crossentropy.js';
import {spanLabels} from '../../src/ops/span_labels/index.js';
import {spanList} from '../../src/ops/span_list/index.js';
import {expectClose, expectGradientClose, normal} from '../support/expect.js';
import {type GoldenTensor, goldenTensor, loadGolden} from '../support/golden.js';
import {goldenLoss} from './golden_loss.js';

describe('globalPointerCrossentropy', () => {
  test.each(['gp_crossentropy', 'gp_crossentropy_masked'])('%s', async name => {
    const {inputs, outputs, grads} = await goldenLoss(name);
    await expectClose(loss(inputs.labels, inputs.logits), outputs.loss);
    const each = globalPointerCrossentropyLoss({reduction: 'none'})(inputs.labels, inputs.logits);
    await expectClose(each, outputs.perBatchHead);
    const summed = globalPointerCrossentropyLoss({reduction: 'sumOverHeads'})(inputs.labels, inputs.logits);
    await expectClose(summed, tf.mul(outputs.loss, inputs.labels.shape[1] as number));
    await expectGradientClose(tf.grad(s => loss(inputs.labels, s))(inputs.logits), grads.logits);
  });

  test('gp_f1_basic carries a value as well', async () => {
    const {inputs, outputs} = await loadGolden<Record<string, Record<string, GoldenTensor>>>('attention/gp_f1_basic');
    await expectClose(
      loss(goldenTensor(inputs.y_true), goldenTensor(inputs.y_pred)),
      goldenTensor(outputs.crossentropy),
    );
  });

  test('lists of spans are as good as dense labels, forward and backward', async () => {
    const spans = [
      [
        {head: 0, start: 0, end: 0},
        {head: 1, start: 1, end: 3},
        {head: 1, start: 1, end: 3},
      ],
      [{head: 1, start: 4, end: 4}],
    ];
    const dense = tf.buffer([2, 2, 5, 5]);
    spans.forEach((sample, b) => {
      for (const {head, start, end} of sample) dense.set(1, b, head, start, end);
    });
    const scores = normal([2, 2, 5, 5], 7, 3);
    const byHead = spanLabels(spans, {heads: 2, maskZero: false});
    for (const reduction of ['mean', 'sumOverHeads', 'none'] as const) {
      const fn = globalPointerCrossentropyLoss({reduction, threshold: 0.5});
      const total = (labels: tf.Tensor) => tf.valueAndGrad(s => tf.sum(fn(labels, s)))(scores);
      const want = total(dense.toTensor());
      for (const labels of [spanList(spans), tf.cast(spanList(spans, {maxSpans: 7}), 'float32'), byHead]) {
        await expectClose(fn(labels, scores), fn(dense.toTensor(), scores));
        await expectClose(total(labels).value, want.value);
        await expectGradientClose(total(labels).grad, want.grad);
      }
    }
  });

  test('a threshold shifts the scores', async () => {
    const [labels, scores] = [tf.zeros([1, 2, 3, 3]), normal([1, 2, 3, 3], 1)];
    await expectClose(globalPointerCrossentropyLoss({threshold: 2})(labels, scores), loss(labels, tf.sub(scores, 2)));
  });

  test('a model trains with it', async () => {
    const {input, layers, model} = await import('@tensorflow/tfjs-layers');
    const x = input({shape: [2, 3, 3]});
    const net = model({inputs: x, outputs: layers.dense({units: 3}).apply(x) as never});
    net.compile({optimizer: tf.train.sgd(0.1), loss});
    const [features, labels] = [normal([2, 2, 3, 3], 2), tf.zeros([2, 2, 3, 3])];
    const first = (await net.trainOnBatch(features, labels)) as number;
    expect((await net.trainOnBatch(features, labels)) as number).toBeLessThan(first);
  });

  test('names the shapes, the order and the reductions', () => {
    expect(() => loss(tf.zeros([1, 3, 2]), tf.zeros([1, 2, 3, 3]))).toThrow(
      'globalPointerCrossentropy: expected labels of shape [1, 2, 3, 3], that of the scores, or spans [1, K, 3], ' +
        'received shape [1, 3, 2]. The order is (yTrue, yPred).',
    );
    expect(() => loss(tf.zeros([2, 3, 3]), tf.zeros([2, 3, 3]))).toThrow(
      'expected scores [batch, heads, length, length]',
    );
    expect(() => globalPointerCrossentropyLoss({reduction: 'sum' as never})).toThrow(
      'globalPointerCrossentropyLoss: expected reduction to be one of mean, sumOverHeads, none, received "sum".',
    );
  });
});
