import {describe, expect, test} from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';

import {globalPointer} from '../../src/layers/index.js';
import {expectGoldenLayer, loadAttention, tensorsOf} from '../support/golden_layer.js';

describe('GlobalPointer', () => {
  test.each(['gp_b4k_default_mask', 'gp_b4k_norope_notril', 'gp_torch_gao'])('equals upstream, %s', async name => {
    const golden = await loadAttention(name);
    const {x, mask} = tensorsOf(golden.inputs);
    const {heads, head_size, RoPE, use_bias, tril_mask} = golden.config as Record<string, never>;
    const layer = globalPointer({heads, headSize: head_size, useRope: RoPE, useBias: use_bias, trilMask: tril_mask});
    await expectGoldenLayer(golden, layer, {x}, ({x}) => layer.apply(x, {mask}) as tf.Tensor);
  });

  test('maskValue −Infinity is written as such', async () => {
    const layer = globalPointer({heads: 1, headSize: 2, maskValue: Number.NEGATIVE_INFINITY});
    const logits = await (layer.apply(tf.ones([1, 2, 3])) as tf.Tensor).data();
    expect(logits[2]).toBe(Number.NEGATIVE_INFINITY);
    expect(Number.isFinite(logits[1])).toBe(true);
  });

  test('says what it expected', () => {
    expect(() => globalPointer({heads: 2, headSize: 3})).toThrow(
      'GlobalPointer: expected an even headSize with useRope, received 3. Rotation acts on pairs.',
    );
  });
});
