import {describe, expect, test} from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';

import {LinearAttention, type LinearAttentionArgs, linearAttention} from '../../src/layers/index.js';
import type {LinearAttentionState} from '../../src/ops/index.js';
import {expectClose, expectConfigKeeps, normal} from '../support/expect.js';
import {expectGoldenLayer, loadAttention, tensorsOf} from '../support/golden_layer.js';

const batchFirst = (x: tf.Tensor): tf.Tensor => tf.transpose(x, [1, 0, 2]);

describe('LinearAttention', () => {
  test('equals cosFormer, of which the length comes first', async () => {
    const golden = await loadAttention('cosformer_bidir');
    const {q, k, v} = tensorsOf(golden.inputs);
    const layer = linearAttention({heads: 2, headSize: 2, featureMap: 'cosformer', selfAttention: false});
    await expectGoldenLayer(golden, layer, {q, k, v}, ({q, k, v}) =>
      batchFirst(layer.apply([q, k, v].map(batchFirst)) as tf.Tensor),
    );
  });

  test.each<LinearAttentionArgs>([
    {heads: 2, headSize: 3, causal: true},
    {heads: 1, headSize: 3, keySize: 4, causal: true, featureMap: 'exp', pBias: 'rotary', outDim: 5},
    {heads: 2, headSize: 2, causal: true, featureMap: 'cosformer', length: 7},
  ])('steps equal one call over the sequence, %j', async args => {
    const layer = linearAttention({...args, chunkSize: 2});
    const x = normal([2, 7, 3], 4) as tf.Tensor3D;
    const whole = layer.apply(x) as tf.Tensor;
    let state: LinearAttentionState | undefined;
    const outputs: tf.Tensor[] = [];
    for (const [begin, size] of [
      [0, 3],
      [3, 1],
      [4, 1],
      [5, 2],
    ]) {
      const step = layer.step(tf.slice(x, [0, begin, 0], [2, size, 3]), state);
      expect(step.state.sums.shape).toEqual(state?.sums.shape ?? step.state.sums.shape); // constant memory
      state = step.state;
      outputs.push(step.output);
    }
    await expectClose(tf.concat(outputs, 1), whole);
  });

  test('padding enters nothing, by mask or by keyMask', async () => {
    const x = normal([1, 5, 4], 2);
    const mask = tf.tensor2d([[1, 1, 1, 0, 0]], [1, 5], 'bool');
    const layer = linearAttention({heads: 2, headSize: 3, featureMap: 'exp'});
    const short = layer.apply(tf.slice(x, [0, 0, 0], [1, 3, 4])) as tf.Tensor;
    await expectClose(tf.slice(layer.apply(x, {mask}) as tf.Tensor, [0, 0, 0], [1, 3, 6]), short);
    const explicit = linearAttention({heads: 2, headSize: 3, featureMap: 'exp', keyMask: true});
    explicit.build([
      [1, 5, 4],
      [1, 5],
    ]);
    explicit.setWeights(layer.getWeights());
    await expectClose(tf.slice(explicit.apply([x, mask]) as tf.Tensor, [0, 0, 0], [1, 3, 6]), short);
  });

  test('keeps its config', () => {
    expectConfigKeeps(LinearAttention, {
      ...{heads: 3, headSize: 2, keySize: 4, outDim: 5, featureMap: 'cosformer', causal: true, pBias: 'rotary'},
      ...{maskMode: 'values', scale: 0.5, normalize: false, epsilon: 0.25, epsilonRule: 'add', length: 9},
      ...{chunkSize: 8, selfAttention: false, keyMask: true, useBias: false},
    } as LinearAttentionArgs);
  });

  test('says what it expected', () => {
    expect(() => linearAttention({heads: 2, headSize: 3, pBias: 'rotary'})).toThrow(
      "LinearAttention: expected an even keySize with pBias 'rotary', received 3.",
    );
    expect(() => linearAttention({heads: 2, headSize: 3, featureMap: 'softmax', epsilon: 1})).toThrow(
      "LinearAttention: expected no normalize and no epsilon for featureMap 'softmax' without causal",
    );
    const layer = linearAttention({heads: 2, headSize: 3});
    layer.build([null, null, 4]);
    expect(() => layer.step(tf.zeros([1, 1, 4]))).toThrow('LinearAttention: expected causal self-attention to step');
  });
});
