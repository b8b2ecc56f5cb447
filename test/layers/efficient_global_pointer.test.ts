import {describe, expect, test} from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';

import {efficientGlobalPointer} from '../../src/layers/index.js';
import {dense} from '../../src/ops/dense/index.js';
import {efficientGlobalPointerScores, rotaryEmbedding} from '../../src/ops/index.js';
import {expectGolden, expectGoldenLayer, loadAttention, tensorsOf} from '../support/golden_layer.js';

describe('EfficientGlobalPointer', () => {
  test.each(['egp_b4k_default_mask', 'egp_b4k_norope_notril'])('equals bert4keras, %s', async name => {
    const golden = await loadAttention(name);
    const {x, mask} = tensorsOf(golden.inputs);
    const {heads, head_size, RoPE, use_bias, tril_mask} = golden.config as Record<string, never>;
    const args = {heads, headSize: head_size, useRope: RoPE, useBias: use_bias, trilMask: tril_mask};
    const layer = efficientGlobalPointer(args);
    await expectGoldenLayer(golden, layer, {x}, ({x}) => layer.apply(x, {mask}) as tf.Tensor);
  });

  test('its op serves the port whose bias reads the hidden states', async () => {
    const golden = await loadAttention('egp_torch_xhw');
    const {x, mask} = tensorsOf(golden.inputs);
    const weights = tensorsOf(golden.weights);
    await expectGolden(golden, {x, ...weights}, ({x, ...w}) => {
      const project = (name: string) => dense(x, w[`${name}/kernel`] as tf.Tensor2D, w[`${name}/bias`] as tf.Tensor1D);
      const [q, k] = tf
        .unstack(tf.reshape(project('p_dense'), [2, 5, 4, 2]), 3)
        .map(half => rotaryEmbedding(half) as tf.Tensor3D);
      return efficientGlobalPointerScores(q, k, tf.mul(project('q_dense'), 0.5) as tf.Tensor3D, {mask});
    });
  });

  test('says what it expected', () => {
    expect(() => efficientGlobalPointer({heads: 2, headSize: 0})).toThrow(
      'EfficientGlobalPointer: expected headSize to be a positive integer, received 0.',
    );
  });
});
