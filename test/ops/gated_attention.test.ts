import {describe, expect, test} from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';

import {t5Buckets} from '../../src/internal/relative_buckets.js';
import {dense} from '../../src/ops/dense/index.js';
import {gatedAttention} from '../../src/ops/gated_attention/index.js';
import type {GatedAttentionOptions} from '../../src/ops/gated_attention/options.js';
import type {ProjectedParts} from '../../src/ops/gated_attention/parts.js';
import {gatedAttentionReference} from '../../src/ops/gated_attention/reference.js';
import {expectClose, expectGradientClose, expectTensorsKept, normal} from '../support/expect.js';
import {expectGolden, loadAttention, tensorsOf} from '../support/golden_layer.js';

const UNITS = 3;
const KEY_SIZE = 4;
const vector = (seed: number) => normal([KEY_SIZE], seed) as tf.Tensor1D;
const query = () => ({gamma: vector(1), beta: vector(2)});
const key = () => ({gamma: vector(3), beta: vector(4)});

/** Row `ids[i]` of a table, differentiable on every backend. */
function lookUp(table: tf.Tensor, ids: ArrayLike<number>): tf.Tensor2D {
  const [size, width] = [table.shape[0], table.rank === 1 ? 1 : (table.shape[1] as number)];
  const rows = Array.from(ids, id => Array.from({length: size}, (_, row) => Number(row === id)));
  return tf.matMul(tf.tensor2d(rows), tf.reshape(table, [size, width]));
}

function layerNorm(x: tf.Tensor, gamma: tf.Tensor, beta: tf.Tensor): tf.Tensor {
  const centred = tf.sub(x, tf.mean(x, -1, true));
  const normalised = tf.mul(centred, tf.rsqrt(tf.add(tf.mean(tf.square(centred), -1, true), 1e-5)));
  return tf.add(tf.mul(normalised, gamma), beta);
}

const rowsOf = (x: tf.Tensor) => tf.unstack(x) as tf.Tensor1D[];

describe('gatedAttention', () => {
  test.each<Partial<GatedAttentionOptions>>([
    {},
    {normalization: 'squaredRelu', causal: true},
    {normalization: 'softmaxPlus', rotary: {base: 10000, layout: 'interleaved'}},
    {activation: undefined, scale: 0.7},
  ])('holds its inputs only, with the gradients of its reference: %j', async given => {
    const options: GatedAttentionOptions = {activation: 'swish', ...given};
    const hidden = normal([2, 5, 2 * UNITS + KEY_SIZE], 5) as tf.Tensor3D;
    const inputs = [hidden, ...Object.values(query()), ...Object.values(key())] as tf.Tensor[];
    const through =
      (f: typeof gatedAttention) =>
      (h: tf.Tensor, ...[gq, bq, gk, bk]: tf.Tensor[]) =>
        f(
          h as tf.Tensor3D,
          UNITS,
          {gamma: gq as tf.Tensor1D, beta: bq as tf.Tensor1D},
          {gamma: gk as tf.Tensor1D, beta: bk as tf.Tensor1D},
          options,
        );
    const dy = normal([2, 5, UNITS], 6) as tf.Tensor3D;
    const reference: typeof gatedAttention = (hidden, units, ...rest) =>
      gatedAttentionReference(tf.split(hidden, [units, units, KEY_SIZE], 2) as ProjectedParts, ...rest);
    const [got, want] = [gatedAttention, reference].map(f => tf.valueAndGrads(through(f))(inputs, dy));
    await expectClose(got.value, want.value);
    for (const [i, gradient] of got.grads.entries()) await expectGradientClose(gradient, want.grads[i]);
  });

  test('expresses the GAU of the FLASH paper with its Toeplitz bias', async () => {
    const golden = await loadAttention('gau_paper_mask');
    const {mask, x} = tensorsOf(golden.inputs);
    const {'rel_pos/a': _a, 'rel_pos/b': _b, ...weights} = tensorsOf(golden.weights);
    const [length, longest] = [5, golden.config.max_position_embeddings as number];
    const distances = Array.from(
      {length: length * length},
      (_, at) => (at % length) - Math.floor(at / length) + longest - 1,
    );
    const paddedQueries = tf.mul(tf.sub(1, tf.expandDims(tf.cast(mask, 'float32'), 2)), -1e12); // their rows are 0 upstream
    await expectGolden(golden, {x, ...weights}, ({x, ...w}) => {
      const toeplitz = tf.reshape(lookUp(w['rel_pos/w'], distances), [1, length, length]);
      const hidden = dense(
        layerNorm(x, w['norm/gamma'], w['norm/beta']),
        w['uv/kernel'] as tf.Tensor2D,
        w['uv/bias'] as never,
      );
      const [[gammaQ, gammaK], [betaQ, betaK]] = [rowsOf(w['qk/gamma']), rowsOf(w['qk/beta'])];
      const gated = gatedAttention(
        hidden as tf.Tensor3D,
        8,
        {gamma: gammaQ, beta: betaQ},
        {gamma: gammaK, beta: betaK},
        {
          activation: 'swish',
          rotary: {base: 10000, layout: 'half'},
          scale: 1 / longest,
          normalization: 'squaredRelu',
          lengthNorm: 1,
          mask,
          bias: [toeplitz, paddedQueries],
        },
      );
      return tf.add(dense(gated, w['o/kernel'] as tf.Tensor2D, w['o/bias'] as tf.Tensor1D), x);
    });
  });

  test('expresses the GAU of FLASH-pytorch with its T5 bias', async () => {
    const golden = await loadAttention('gau_lucid_relu2_mask');
    const {mask, x} = tensorsOf(golden.inputs);
    const length = 6;
    const {scale} = golden.config.rel_pos_bias as {scale: number};
    await expectGolden(golden, {x, ...tensorsOf(golden.weights)}, ({x, ...w}) => {
      const normed = layerNorm(x, w['norm/gamma'], w['norm/beta']);
      const project = (name: string) =>
        dense(normed, w[`${name}/kernel`] as tf.Tensor2D, w[`${name}/bias`] as tf.Tensor1D);
      const [value, gate] = tf.split(project('to_hidden') as tf.Tensor3D, 2, 2);
      const table = lookUp(w['rel_pos_bias/embeddings'], t5Buckets(length, length, 32, 128, true));
      const [[gammaQ, gammaK], [betaQ, betaK]] = [rowsOf(w['offsetscale/gamma']), rowsOf(w['offsetscale/beta'])];
      const gated = gatedAttention(
        tf.concat([gate, value, project('to_qk')], 2) as tf.Tensor3D,
        10,
        {gamma: gammaQ, beta: betaQ},
        {gamma: gammaK, beta: betaK},
        {
          activation: 'swish',
          scale: 1 / length,
          normalization: 'squaredRelu',
          lengthNorm: 1,
          mask,
          bias: tf.mul(tf.reshape(table, [1, length, length]), scale / length),
        },
      );
      return tf.add(dense(gated, w['to_out/kernel'] as tf.Tensor2D, w['to_out/bias'] as tf.Tensor1D), x);
    });
  });

  test('keeps one tensor: the result', () => {
    const hidden = tf.ones([1, 2, 10]) as tf.Tensor3D;
    const [q, k] = [query(), key()];
    expectTensorsKept(1, () => gatedAttention(hidden, UNITS, q, k, {activation: 'swish'}));
  });

  test('says what it expected', () => {
    expect(() => gatedAttention(tf.ones([1, 2, 9]), UNITS, query(), key(), {activation: 'swish'})).toThrow(
      'gatedAttention: expected gamma of shape [3], received shape [4].',
    );
  });
});
