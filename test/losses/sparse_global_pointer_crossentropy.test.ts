import {describe, expect, test} from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';

import {globalPointerCrossentropyLoss} from '../../src/losses/global_pointer_crossentropy.js';
import {
  sparseGlobalPointerCrossentropy as loss,
  sparseGlobalPointerCrossentropyLoss,
} from '../../src/losses/sparse_global_pointer_crossentropy.js';
import {spanLabels} from '../../src/ops/span_labels/index.js';
import {spanList} from '../../src/ops/span_list/index.js';
import {expectClose, expectGradientClose, normal} from '../support/expect.js';
import {goldenLoss} from './golden_loss.js';

describe('sparseGlobalPointerCrossentropy', () => {
  test('gp_sparse_crossentropy', async () => {
    const {inputs, outputs, grads} = await goldenLoss('gp_sparse_crossentropy');
    await expectClose(loss(inputs.spans, inputs.logits), outputs.loss);
    await expectGradientClose(tf.grad(s => loss(inputs.spans, s))(inputs.logits), grads.logits);
  });

  test('equals the dense loss of the same spans', async () => {
    const scores = normal([2, 2, 5, 5], 1, 3);
    const spans = [
      [
        {head: 0, start: 0, end: 0},
        {head: 1, start: 1, end: 3},
      ],
      [{head: 0, start: 4, end: 4}],
    ];
    const dense = tf.buffer([2, 2, 5, 5]);
    spans.forEach((sample, b) => {
      for (const {head, start, end} of sample) dense.set(1, b, head, start, end);
    });
    const args = {reduction: 'none', threshold: 0.5} as const;
    const want = globalPointerCrossentropyLoss(args)(dense.toTensor(), scores);
    const sparse = sparseGlobalPointerCrossentropyLoss({...args, maskZero: false});
    await expectClose(sparse(spanLabels(spans, {heads: 2, maskZero: false}), scores), want);
    await expectClose(sparse(spanList(spans), scores), want);
  });

  test('names the shapes and the order', () => {
    expect(() => loss(tf.zeros([2, 3, 3]), tf.zeros([1, 2, 3, 3]))).toThrow(
      'sparseGlobalPointerCrossentropy: expected spans of shape [1, 2, K, 2] or [1, K, 3], received shape [2, 3, 3]. ' +
        'The order is (yTrue, yPred).',
    );
    expect(() => loss(tf.zeros([1, 2, 3, 2]), tf.zeros([1, 2, 3, 4]))).toThrow('[batch, heads, length, length]');
  });
});
