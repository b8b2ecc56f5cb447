import {describe, expect, test} from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';

import {sinusoidalEmbedding} from '../../src/ops/index.js';
import {expectClose, expectTensorsKept} from '../support/expect.js';
import {goldenTensor} from '../support/golden.js';
import {loadAttention, tensorsOf} from '../support/golden_layer.js';

describe('sinusoidalEmbedding', () => {
  test('equals bert4keras', async () => {
    const {inputs, outputs, config} = await loadAttention('sinusoidal_b4k');
    const {position_ids: ids} = tensorsOf(inputs);
    await expectClose(sinusoidalEmbedding(ids, config.dim as number), goldenTensor(outputs.embeddings));
  });

  test('is exact far from the start', async () => {
    await expectClose(sinusoidalEmbedding(tf.tensor1d([60000]), 2), [[Math.sin(60000), Math.cos(60000)]]);
  });

  test('keeps one tensor: the result', () => {
    const positions = tf.range(0, 3);
    expectTensorsKept(1, () => sinusoidalEmbedding(positions, 4));
  });

  test('says what it expected', () => {
    expect(() => sinusoidalEmbedding(tf.range(0, 3), 5)).toThrow(
      'sinusoidalEmbedding: expected an even number of channels, received 5.',
    );
  });
});
