import {describe, expect, test} from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';

import {report, setFused} from '../../src/kernels.js';
import {attentionWeights, rotaryEmbedding, scaledDotProductAttention} from '../../src/ops/index.js';
import {ROTARY_EMBEDDING} from '../../src/ops/rotary_embedding/name.js';
import {SCALED_DOT_PRODUCT_ATTENTION} from '../../src/ops/scaled_dot_product_attention/name.js';
import type {ScaledDotProductAttentionOptions} from '../../src/ops/scaled_dot_product_attention/options.js';
import {testOn} from '../support/backend.js';
import {expectClose, expectGradientClose, normal} from '../support/expect.js';

interface Case extends ScaledDotProductAttentionOptions {
  /** Of q, and the keys and channels of v. */
  q: number[];
  keys: number;
  channels?: number;
}

const ROTARY = {base: 50};

const bools = (shape: number[]): tf.Tensor => tf.greater(normal(shape as never, 8), -0.7);

/** Of two samples; the last two tokens of the first one are padding. */
const padding = (keys: number): tf.Tensor =>
  tf.tensor2d(
    Array.from({length: 2 * keys}, (_, at) => (at === keys - 1 || at === keys - 2 ? 0 : 1)),
    [2, keys],
    'int32',
  );

/** Position ids up to 1000 in no order, some of them twice. */
const ids = (shape: number[]): tf.Tensor =>
  tf.cast(tf.floor(tf.mul(tf.abs(normal(shape as never, 9)), 200)), 'int32') as tf.Tensor;

const CASES: Record<string, () => Case> = {
  'several tiles, causal': () => ({q: [1, 2, 70, 8], keys: 70, causal: true}),
  'half-split, more keys than queries': () => ({q: [1, 2, 5, 8], keys: 69, rotary: {...ROTARY, layout: 'half'}}),
  'half-split, halves inside a vector': () => ({q: [2, 1, 19, 12], keys: 7, rotary: {layout: 'half'}, causal: true}),
  'half-split, six channels': () => ({q: [2, 7, 6], keys: 11, channels: 5, rotary: {layout: 'half'}}),
  'two channels, mask, softmaxPlus': () => ({
    ...{q: [2, 3, 11, 2], keys: 11, mask: padding(11), normalization: 'softmaxPlus', causal: true},
  }),
  'ids of each sample, not in order, mask': () => ({
    ...{q: [2, 3, 67, 8], keys: 67, mask: padding(67), causal: true, normalization: 'softmaxPlus'},
    rotary: {...ROTARY, positions: ids([2, 67])},
  }),
  'ids of each sample, half-split, six channels': () => ({
    ...{q: [3, 5, 6], keys: 5, channels: 3, rotary: {layout: 'half', positions: ids([3, 5])}},
  }),
  'ids of all samples': () => ({q: [2, 2, 7, 4], keys: 7, rotary: {positions: ids([7])}}),
  'ids as numbers': () => ({q: [2, 1, 4, 6], keys: 4, rotary: {positions: [3, 3, 700, 1], layout: 'half'}}),
  'one token with an id': () => ({q: [2, 3, 1, 4], keys: 1, rotary: {positions: ids([2, 1])}}),
  'one token': () => ({q: [2, 1, 1, 10], keys: 1}),
  'relu², mask, bool bias': () => ({
    ...{q: [2, 2, 9, 4], keys: 13, mask: padding(13), bias: bools([9, 13]), normalization: 'squaredRelu'},
  }),
  'bool bias and bias of cells': () => ({q: [2, 2, 9, 6], keys: 5, bias: [normal([2, 9, 5], 6), bools([9, 5])]}),
  'bias of rows, dropout': () => ({
    ...{q: [1, 2, 9, 4], keys: 5, bias: normal([9, 1], 6), dropoutRate: 0.3, seed: 7, training: true},
  }),
  'bias of columns': () => ({q: [2, 1, 9, 4], keys: 6, bias: normal([2, 1, 1, 6], 6), rotary: {layout: 'half'}}),
  'wide heads and values': () => ({q: [1, 5, 136], keys: 9, channels: 140, causal: true, rotary: {layout: 'half'}}),
};

type Attention = (q: tf.Tensor, k: tf.Tensor, v: tf.Tensor) => tf.Tensor;

/** Output and gradients of `attention`. */
function run({q: shape, keys, channels = 8}: Case, attention: Attention): tf.Tensor[] {
  const [lead, width] = [shape.slice(0, -2), shape[shape.length - 1]];
  const inputs = [shape, [...lead, keys, width], [...lead, keys, channels]].map((size, i) =>
    normal(size as never, i + 1),
  ) as tf.Tensor[];
  const dy = normal([...shape.slice(0, -1), channels] as never, 4);
  return [attention(inputs[0], inputs[1], inputs[2]), ...tf.grads(attention as never)(inputs, dy)];
}

/** The options, and the same of queries and keys that are rotated before. */
function bothWays({q: _, keys: __, channels: ___, rotary = ROTARY, ...options}: Case): Attention[] {
  return [
    (q, k, v) => scaledDotProductAttention(q, k, v, {...options, rotary}),
    (q, k, v) => scaledDotProductAttention(rotaryEmbedding(q, rotary), rotaryEmbedding(k, rotary), v, options),
  ];
}

const entryOf = (op: string) => report().find(entry => entry.op === op);

describe('rotary in scaledDotProductAttention', () => {
  test.each(Object.keys(CASES))('equals rotated queries and keys: %s', async name => {
    const given = CASES[name]();
    const [onLoad, before] = bothWays(given);
    const [output, ...gradients] = run(given, onLoad);
    if (tf.getBackend() === 'webgpu') {
      expect(entryOf(SCALED_DOT_PRODUCT_ATTENTION)!.reason).toMatch('q and k rotated on load');
      setFused(false);
    }
    const [wanted, ...slopes] = run(given, before);
    setFused(true);
    await expectClose(output, wanted);
    for (const [i, gradient] of gradients.entries()) await expectGradientClose(gradient, slopes[i]);
  });

  testOn('webgpu')('rotates in no dispatch of its own, forward and backward, and says so', async () => {
    const given: Case = {q: [1, 2, 5, 4], keys: 5};
    const {kernelNames} = await tf.profile(() => run(given, bothWays(given)[0]));
    expect(kernelNames).toContain(SCALED_DOT_PRODUCT_ATTENTION);
    expect(kernelNames).not.toContain(ROTARY_EMBEDDING);
    expect(entryOf(ROTARY_EMBEDDING)).toMatchObject({path: 'fused', reason: expect.stringMatching('as it loads them')});
  });

  testOn('webgpu')('rotates before where the masks leave no buffer, and says so', async () => {
    const bias = [normal([4, 5], 6), bools([4, 5])];
    const given: Case = {q: [2, 2, 4, 6], keys: 5, mask: padding(5), bias};
    const limits = (tf.backend() as unknown as {device: GPUDevice}).device.limits;
    const [onLoad, before] = bothWays(given);
    const results = run(given, onLoad);
    const {reason} = entryOf(ROTARY_EMBEDDING)!;
    if (limits.maxStorageBuffersPerShaderStage === 8) expect(reason).toMatch('leave no buffer');
    for (const [i, want] of run(given, before).entries()) await expectGradientClose(results[i], want);
  });

  test('its gradient has a gradient', async () => {
    const given: Case = {q: [1, 3, 4], keys: 3, channels: 2};
    const [q, k, v] = [1, 2, 3].map(seed => normal([1, 3, 4], seed) as tf.Tensor);
    const second = (attention: Attention) =>
      tf.grad((q: tf.Tensor) => tf.sum(tf.square(tf.grad(q => tf.sum(tf.square(attention(q, k, v))))(q))))(q);
    const [onLoad, before] = bothWays(given).map(second);
    await expectGradientClose(onLoad, before);
  });

  test('the weights are those of rotated queries and keys', async () => {
    const [q, k] = [normal([1, 2, 3, 4], 1), normal([1, 2, 5, 4], 2)];
    const rotary = {layout: 'half'} as const;
    const weights = attentionWeights(q, k, {rotary, causal: true});
    await expectClose(
      weights,
      attentionWeights(rotaryEmbedding(q, rotary), rotaryEmbedding(k, rotary), {causal: true}),
    );
  });

  test('names positions that do not fit', () => {
    const [q, k] = [tf.zeros([2, 3, 4]), tf.zeros([2, 5, 4])];
    const attend = (k: tf.Tensor, positions: tf.Tensor) => scaledDotProductAttention(q, k, k, {rotary: {positions}});
    expect(() => attend(q, tf.zeros([2, 2], 'int32'))).toThrow(
      'scaledDotProductAttention: expected positions of shape [3] or [2, 3], received int32 of shape [2, 2].',
    );
    expect(() => attend(k, tf.zeros([3], 'int32'))).toThrow(
      'scaledDotProductAttention: expected 3 keys with positions, which are those of queries and keys, received 5.',
    );
  });

  test('names an odd width', () => {
    const q = tf.zeros([1, 2, 3]);
    expect(() => scaledDotProductAttention(q, q, q, {rotary: {}})).toThrow(
      'scaledDotProductAttention: expected an even number of channels D, received 3. Rotation acts on pairs of channels.',
    );
  });
});
