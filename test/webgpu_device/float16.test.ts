/** Kernels in float16, on an adapter that has it; scripts/test.mjs leaves this file out elsewhere. */
import {describe, expect, test} from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';

import {subgroupMatrices} from '../../src/internal/webgpu_features.js';
import {precision, report, setFused, setPrecision} from '../../src/kernels.js';
import {
  rotaryEmbedding,
  type ScaledDotProductAttentionOptions,
  scaledDotProductAttention,
} from '../../src/ops/index.js';
import {SCALED_DOT_PRODUCT_ATTENTION} from '../../src/ops/scaled_dot_product_attention/name.js';
import {useFloat16} from '../support/backend.js';
import {normal, toFloat16} from '../support/expect.js';

import '../ops/scaled_dot_product_attention_kernels.test.js';

useFloat16();

const any = (shape: number[], seed: number): tf.Tensor => tf.randomNormal(shape, 0, 1, 'float32', seed);

const attend = (inputs: tf.Tensor[], options: ScaledDotProductAttentionOptions = {}): tf.Tensor =>
  scaledDotProductAttention(inputs[0], inputs[1], inputs[2], options);

function composed(run: () => tf.Tensor): tf.Tensor {
  setFused(false);
  try {
    return run();
  } finally {
    setFused(true);
  }
}

async function largestDifference(x: tf.Tensor, y: tf.Tensor): Promise<number> {
  const [got, want] = [await x.data(), await y.data()];
  return Math.max(...Array.from(got, (value, at) => Math.abs(value - want[at])));
}

const hasMatrices = (): boolean =>
  subgroupMatrices((tf.backend() as unknown as {device: GPUDevice}).device) !== undefined;

const reasonOf = (op: string): string => report().find(entry => entry.op === op)!.reason;

interface MatrixConfig {
  componentType: string;
  resultComponentType: string;
  M: number;
  N: number;
  K: number;
}

test('subgroup matrices are used where the adapter has them', async () => {
  const adapter = (await navigator.gpu.requestAdapter()) as GPUAdapter;
  const {subgroupMatrixConfigs = []} = adapter.info as {subgroupMatrixConfigs?: Iterable<MatrixConfig>};
  const usable = [...subgroupMatrixConfigs].filter(
    ({componentType, resultComponentType, M, N, K}) =>
      componentType === 'f16' && resultComponentType === 'f32' && [M, N, K].every(side => side === 8 || side === 16),
  );
  expect(hasMatrices()).toBe(usable.length > 0);
});

describe('attention in float16', () => {
  test('is what ran, and says so', () => {
    expect(precision()).toBe('float16');
    const q = normal([1, 2, 3, 4], 1);
    attend([q, q, q], {rotary: {}});
    expect(reasonOf(SCALED_DOT_PRODUCT_ATTENTION)).toMatch(
      /for webgpu, in float16( by subgroup matrices)?, q and k rotated on load/,
    );
    expect(/by subgroup matrices/.test(reasonOf(SCALED_DOT_PRODUCT_ATTENTION))).toBe(hasMatrices());
    setPrecision('float32');
    attend([q, q, q]);
    expect(reasonOf(SCALED_DOT_PRODUCT_ATTENTION)).not.toMatch('float16');
    setPrecision('float16');
  });

  test('is that of rounded inputs, forward and backward', async () => {
    const inputs = [any([1, 2, 9, 6], 1), any([1, 2, 11, 6], 2), any([1, 2, 11, 5], 3)];
    const run = (q: tf.Tensor, k: tf.Tensor, v: tf.Tensor) => attend([q, k, v], {causal: true});
    const results = (x: tf.Tensor[]) => [attend(x, {causal: true}), ...tf.grads(run)(x, any([1, 2, 9, 5], 4))];
    const got = results(inputs);
    setFused(false);
    const want = results(inputs.map(toFloat16));
    setFused(true);
    for (const [i, x] of got.entries()) expect(await largestDifference(x, want[i])).toBeLessThan(5e-6);
  });

  test.each([
    [8, 1, 2e-3],
    [1024, 1, 2e-4],
    [1024, 30, 2e-2], // scores of 100 and more, weights near 0 and 1
  ])('stays near inputs that it rounds: %d keys, scores times %d', async (keys, scale, bound) => {
    const inputs = [any([1, 2, 5, 64], 1), any([1, 2, keys, 64], 2), any([1, 2, keys, 64], 3)];
    const options = {scale: scale / 8};
    const difference = await largestDifference(
      attend(inputs, options),
      composed(() => attend(inputs, options)),
    );
    expect(difference).toBeLessThan(bound);
    expect(difference).toBeGreaterThan(1e-5); // it does round
  });

  test('numbers beyond the range of float16 keep their digits', async () => {
    const inputs = [normal([1, 1, 3, 8], 1), normal([1, 1, 9, 8], 2), normal([1, 1, 9, 4], 3)];
    const factors = [2 ** 60, 2 ** -60, 2 ** 100];
    const moved = attend(inputs.map((x, i) => tf.mul(x, factors[i])));
    expect(await tf.mul(moved, 2 ** -100).data()).toEqual(await attend(inputs).data());
    const small = attend([inputs[0], inputs[1], tf.mul(inputs[2], 2 ** -60)]);
    expect(await tf.mul(small, 2 ** 60).data()).toEqual(await attend(inputs).data());
  });

  test('hidden keys change nothing, however large', async () => {
    const [q, k, v] = [normal([1, 1, 3, 8], 1), normal([1, 1, 9, 8], 2), normal([1, 1, 9, 4], 3)];
    const mask = tf.tensor2d([1, 1, 1, 0, 1, 1, 0, 1, 1], [1, 9], 'int32');
    const huge = tf.reshape(tf.add(1, tf.mul(tf.sub(1, tf.cast(mask, 'float32')), 1e30)), [1, 1, 9, 1]);
    const others = [q, tf.mul(k, huge), tf.mul(v, huge)];
    expect(await attend(others, {mask}).data()).toEqual(await attend([q, k, v], {mask}).data());
  });

  test('infinities and NaN are not lost, and do not reach other channels', async () => {
    const [q, k] = [normal([1, 1, 2, 4], 1), normal([1, 1, 3, 4], 2)];
    const v = tf.tensor4d([1, Number.POSITIVE_INFINITY, Number.NaN, 1, 2, 3, 1, 2, 3], [1, 1, 3, 3]);
    const finite = tf.tensor4d([1, 0, 0, 1, 2, 3, 1, 2, 3], [1, 1, 3, 3]);
    const [sum, infinite, nan] = await attend([q, k, v]).data();
    expect([infinite, nan].some(Number.isFinite)).toBe(false);
    expect(sum).toBe((await attend([q, k, finite]).data())[0]);
  });

  test('rounds after the rotation', async () => {
    const [q, k, v] = [any([1, 1, 5, 8], 1), any([1, 1, 9, 8], 2), normal([1, 1, 9, 4], 3)];
    const rotary = {base: 50};
    const onLoad = attend([q, k, v], {rotary});
    const before = composed(() => attend([rotaryEmbedding(q, rotary), rotaryEmbedding(k, rotary), v]));
    expect(await largestDifference(onLoad, before)).toBeLessThan(2e-3);
  });
});
