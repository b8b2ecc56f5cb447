import {describe, expect, test} from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';

import {
  MixedChunkAttention,
  type MixedChunkAttentionArgs,
  type MixedChunkLayerState,
  mixedChunkAttention,
} from '../../src/layers/index.js';
import {expectClose, expectConfigKeeps, normal} from '../support/expect.js';
import {expectGoldenLayer, loadAttention, tensorsOf} from '../support/golden_layer.js';

describe('MixedChunkAttention', () => {
  test.each(['flash_causal', 'flash_noncausal_mask'])("equals FLASH-pytorch with divisor 'chunk', %s", async name => {
    const golden = await loadAttention(name);
    const {x, mask} = tensorsOf(golden.inputs);
    const {group_size: chunkSize, query_key_dim: keySize, causal} = golden.config as Record<string, never>;
    const layer = mixedChunkAttention({chunkSize, keySize, causal, rotaryDim: 0, divisor: 'chunk'});
    await expectGoldenLayer(golden, layer, {x}, ({x}) => layer.apply(x, {mask}) as tf.Tensor);
  });

  test.each<MixedChunkAttentionArgs>([
    {keySize: 4, divisor: 'chunk', shiftTokens: true},
    {keySize: 6, rotaryDim: 4, norm: 'scale', relativeBias: false, activation: 'laplace'},
    {keySize: 4, norm: 'none', residual: false, units: 3, shiftTokens: true},
  ])('steps equal one call over the sequence, %j', async args => {
    const layer = mixedChunkAttention({...args, chunkSize: 3, causal: true});
    const x = normal([2, 8, 5], 4) as tf.Tensor3D;
    layer.build(x.shape);
    layer.setWeights(layer.getWeights().map((weight, i) => normal(weight.shape as never, i + 1, 0.7)));
    const whole = layer.apply(x) as tf.Tensor;
    let state: MixedChunkLayerState | undefined;
    const outputs = Array.from({length: 8}, (_, i) => {
      const step = layer.step(tf.slice(x, [0, i, 0], [2, 1, 5]), state);
      state = step.state;
      expect(state.chunk?.value.shape[1] ?? 0).toBe((i + 1) % 3); // constant memory
      return step.output;
    });
    await expectClose(tf.concat(outputs, 1), whole);
  });

  test('shifts half of the channels by one token', async () => {
    const layer = mixedChunkAttention({keySize: 2, causal: true, shiftTokens: true, norm: 'none'});
    const x = normal([1, 4, 3], 2);
    const change = (at: number) => tf.add(x, tf.oneHot(tf.tensor2d([[0, 0, 0, 0]], [1, 4], 'int32'), 3, at, 0));
    layer.apply(x);
    layer.setWeights(layer.getWeights().map((weight, i) => normal(weight.shape as never, i + 1)));
    const first = (x: tf.Tensor) => tf.slice(layer.apply(x) as tf.Tensor, [0, 0, 1], [1, 1, 2]);
    await expectClose(first(change(5)), first(x)); // channel 0 of token 0 goes to token 1
  });

  test('padding enters nothing', async () => {
    const x = normal([1, 7, 4], 2);
    const mask = tf.tensor2d([[1, 1, 1, 1, 1, 0, 0]], [1, 7], 'bool');
    const layer = mixedChunkAttention({keySize: 4, chunkSize: 3});
    const short = layer.apply(tf.slice(x, [0, 0, 0], [1, 5, 4])) as tf.Tensor;
    await expectClose(tf.slice(layer.apply(x, {mask}) as tf.Tensor, [0, 0, 0], [1, 5, 4]), short);
  });

  test('keeps its config', () => {
    expectConfigKeeps(MixedChunkAttention, {
      ...{units: 6, keySize: 8, rotaryDim: 4, shiftTokens: true, relativeBias: false, norm: 'scale', residual: false},
      ...{chunkSize: 5, divisor: 'chunk', activation: 'laplace', linearScope: 'chunk', useBias: false},
    } as MixedChunkAttentionArgs);
    expectConfigKeeps(MixedChunkAttention, {causal: true});
  });

  test('says what it expected', () => {
    expect(() => mixedChunkAttention({keySize: 8, rotaryDim: 3})).toThrow(
      'MixedChunkAttention: expected an even rotaryDim up to keySize 8, received 3. Rotation acts on pairs of channels.',
    );
    const layer = mixedChunkAttention({keySize: 4});
    layer.build([null, null, 4]);
    expect(() => layer.step(tf.zeros([1, 1, 4]))).toThrow(
      'MixedChunkAttention: expected causal: true to step, received false.',
    );
  });
});
