import {describe, expect, test} from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';

import {type MultiHeadAttentionArgs, multiHeadAttention, relativePositionEmbedding} from '../../src/layers/index.js';
import {ROTARY_EMBEDDING} from '../../src/ops/rotary_embedding/name.js';
import {SCALED_DOT_PRODUCT_ATTENTION} from '../../src/ops/scaled_dot_product_attention/name.js';
import {testOn} from '../support/backend.js';
import {normal} from '../support/expect.js';
import {expectFusedIsComposed} from '../support/fused.js';
import {expectGoldenLayer, type GoldenAttention, loadAttention, tensorsOf} from '../support/golden_layer.js';

const argsOf = ({config, inputs}: GoldenAttention): MultiHeadAttentionArgs => ({
  heads: config.heads as number,
  headSize: config.head_size as number,
  keySize: config.key_size as number,
  outDim: config.out_dim as number,
  useBias: config.use_bias as boolean,
  normalization: config.normalization === 'softmax_plus' ? 'softmaxPlus' : 'softmax',
  pBias: ({rotary: 'rotary', typical_relative: 'typicalRelative'} as const)[config.p_bias as 'rotary'] ?? null,
  aBias: 'a_bias' in inputs,
});

describe('MultiHeadAttention', () => {
  test('equals bert4keras with other keys and their mask', async () => {
    const golden = await loadAttention('mha_softmaxplus_mask_n20');
    const {q, k, v, mask} = tensorsOf(golden.inputs);
    const layer = multiHeadAttention({...argsOf(golden), keyMask: true});
    await expectGoldenLayer(golden, layer, {q, k, v}, ({q, k, v}) => layer.apply([q, k, v, mask]) as tf.Tensor);
  });

  test('equals bert4keras with rotary positions and a boolean bias', async () => {
    const golden = await loadAttention('mha_softmaxplus_causal_rope');
    const {x, a_bias: bias} = tensorsOf(golden.inputs);
    const layer = multiHeadAttention(argsOf(golden));
    await expectGoldenLayer(golden, layer, {x}, ({x}) => layer.apply([x, x, x, bias]) as tf.Tensor);
  });

  testOn('webgpu')('rotates as attention loads queries and keys', async () => {
    const layer = multiHeadAttention({heads: 2, headSize: 4, pBias: 'rotary'});
    const [x, y] = [normal([2, 3, 8], 1), normal([2, 5, 8], 2)];
    await expectFusedIsComposed(SCALED_DOT_PRODUCT_ATTENTION, () => layer.apply([x, y, y]) as tf.Tensor);
    const {kernelNames} = await tf.profile(() => layer.apply([x, y, y]) as tf.Tensor);
    expect(kernelNames).not.toContain(ROTARY_EMBEDDING);
  });

  test('equals bert4keras with relative positions', async () => {
    const golden = await loadAttention('mha_softmax_typical_relative');
    const {x, mask, position_embeddings: table} = tensorsOf(golden.inputs);
    const layer = multiHeadAttention(argsOf(golden));
    const buckets = relativePositionEmbedding({inputDim: 7, outputDim: 4});
    const oneHot = relativePositionEmbedding({inputDim: 7, outputDim: 7});
    buckets.apply([x, x]);
    oneHot.apply([x, x]);
    oneHot.setWeights([tf.eye(7)]);
    const rows = tf.reshape(oneHot.apply([x, x]) as tf.Tensor, [25, 7]); // bucket of each pair
    await expectGoldenLayer(golden, layer, {x, position_embeddings: table}, ({x, position_embeddings}) => {
      const positions = tf.reshape(tf.matMul(rows, position_embeddings), [5, 5, 4]);
      return layer.apply([x, x, x, positions], {mask}) as tf.Tensor;
    });
  });

  test('returns the scores before mask and normalisation', async () => {
    const layer = multiHeadAttention({heads: 2, headSize: 3, returnAttentionScores: true});
    const x = normal([1, 5, 4], 1);
    const [y, scores] = layer.apply([x, x, x]) as tf.Tensor[];
    expect([y.shape, scores.shape]).toEqual([
      [1, 5, 6],
      [1, 2, 5, 5],
    ]);
  });

  test('says what it expected', () => {
    expect(() => multiHeadAttention({heads: 0, headSize: 3})).toThrow(
      'expected heads to be a positive integer, received 0',
    );
    expect(() => multiHeadAttention({heads: 1, headSize: 2}).apply(tf.zeros([1, 2, 3]))).toThrow(
      'MultiHeadAttention: expected the inputs query, key and value',
    );
  });
});
