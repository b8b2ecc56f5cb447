import {describe, expect, test} from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';

import {type MixedChunkAttentionOptions, type MixedChunkInputs, mixedChunkAttention} from '../../src/ops/index.js';
import {expectClose, expectGradientClose, expectTensorsKept, normal} from '../support/expect.js';
import {expectGolden, loadAttention, tensorsOf} from '../support/golden_layer.js';

const NAMES = ['quadQuery', 'quadKey', 'linearQuery', 'linearKey', 'value'] as const;

const sample = (length: number): tf.Tensor3D[] =>
  NAMES.map((name, seed) => normal([2, length, name === 'value' ? 5 : 3], seed + 1));

/** The op over a list of tensors in the order of NAMES. */
const attend = (tensors: tf.Tensor[], options: MixedChunkAttentionOptions): tf.Tensor3D =>
  mixedChunkAttention(
    Object.fromEntries(NAMES.map((name, i) => [name, tensors[i]])) as unknown as MixedChunkInputs<tf.Tensor3D>,
    options,
  );

async function expectSameWithGradients(
  actual: (...tensors: tf.Tensor[]) => tf.Tensor,
  expected: (...tensors: tf.Tensor[]) => tf.Tensor,
  inputs: tf.Tensor[],
): Promise<void> {
  const shape = expected(...inputs).shape;
  const [got, want] = [actual, expected].map(run => tf.valueAndGrads(run)(inputs, normal(shape as never, 9)));
  await expectClose(got.value, want.value);
  for (const [i, gradient] of got.grads.entries()) await expectGradientClose(gradient, want.grads[i]);
}

/** The definition: one weight a pair of tokens. Every token counts. */
function direct(
  [quadQuery, quadKey, linearQuery, linearKey, value]: tf.Tensor[],
  {chunkSize = 256, causal = false, divisor = 'tokens'}: MixedChunkAttentionOptions,
): tf.Tensor {
  const length = value.shape[1] as number;
  const size = quadQuery.shape[2] as number;
  const chunk = (i: number) => Math.floor(i / chunkSize);
  const table = (weight: (i: number, j: number) => number) =>
    tf.tensor2d(
      Float32Array.from({length: length ** 2}, (_, n) => weight(Math.floor(n / length), n % length)),
      [length, length],
    );
  const near = table((i, j) => Number(chunk(i) === chunk(j) && !(causal && j > i)));
  const scale = divisor === 'tokens' ? 1 / (chunkSize * size) : 1 / chunkSize ** 2;
  const quadratic = tf.mul(tf.square(tf.relu(tf.matMul(quadQuery, quadKey, false, true))), tf.mul(near, scale));
  const far = table((i, j) => {
    if (!causal) return 1 / length;
    const count = divisor === 'tokens' ? chunk(i) * chunkSize : chunkSize;
    return chunk(j) < chunk(i) ? 1 / count : 0;
  });
  const linear = tf.mul(tf.matMul(linearQuery, linearKey, false, true), far);
  return tf.matMul(tf.add(quadratic, linear), value);
}

describe('mixedChunkAttention', () => {
  test('equals the formulas of kexue.fm/archives/8934', async () => {
    const golden = await loadAttention('mixchunk_su_bidir');
    const tensors = tensorsOf(golden.inputs);
    const names = ['q_quad', 'k_quad', 'q_lin', 'k_lin', 'v'];
    await expectGolden(golden, tensors, given =>
      attend(
        names.map(name => given[name]),
        {chunkSize: 3},
      ),
    );
  });

  test.each([
    ['tokens', false],
    ['tokens', true],
    ['chunk', false],
    ['chunk', true],
  ] as const)('equals its definition with a ragged last chunk, divisor %s, causal %s', async (divisor, causal) => {
    const options = {chunkSize: 3, divisor, causal};
    await expectSameWithGradients(
      (...tensors) => attend(tensors, options),
      (...tensors) => direct(tensors, options),
      sample(8),
    );
  });

  test.each([
    ['sequence', false],
    ['chunk', false],
    ['sequence', true],
  ] as const)('padding is as if removed, linear over the %s, causal %s', async (linearScope, causal) => {
    const options = {chunkSize: 3, linearScope, causal};
    const bias = normal([3, 3], 8) as tf.Tensor2D;
    const mask = tf.tensor2d([1, 1, 1, 1, 1, 0, 0, 1, 1, 1, 1, 1, 0, 0], [2, 7], 'int32');
    const pad = (x: tf.Tensor) => tf.concat([x, tf.fill([2, 2, x.shape[2] as number], 20)], 1);
    await expectSameWithGradients(
      (...tensors) => tf.slice(attend(tensors.map(pad), {...options, mask, bias}), [0, 0, 0], [2, 5, 5]),
      (...tensors) => attend(tensors, {...options, bias}),
      sample(5),
    );
  });

  test('causal ignores the future', async () => {
    const tensors = sample(7);
    const past = (x: tf.Tensor) => tf.slice(x, [0, 0, 0], [2, 4, x.shape[2] as number]);
    const options = {chunkSize: 3, causal: true};
    await expectClose(past(attend(tensors, options)), attend(tensors.map(past), options));
  });

  test('laplace is a smooth step, and the bias is differentiable', async () => {
    const zero = tf.zeros([1, 1, 2]);
    const run = (bias: tf.Tensor) =>
      attend([zero, zero, zero, zero, tf.ones([1, 1, 1])], {activation: 'laplace', bias: bias as tf.Tensor2D});
    await expectClose(run(tf.tensor2d([[Math.SQRT1_2]])), [[[0.5]]]);
    await expectGradientClose(tf.grad(run)(tf.tensor2d([[Math.SQRT1_2]])), [[Math.SQRT2]]); // 1/(σ√2π), σ² = 1/4π
  });

  test('keeps one tensor', () => {
    const tensors = sample(5);
    for (const causal of [false, true]) expectTensorsKept(1, () => attend(tensors, {chunkSize: 2, causal}));
  });

  test('says what it expected', () => {
    const tensors = sample(4);
    expect(() => attend(tensors, {chunkSize: 0})).toThrow(
      'mixedChunkAttention: expected chunkSize to be a positive integer, received 0.',
    );
    expect(() => attend(tensors, {bias: tf.zeros([3, 3])})).toThrow(
      'mixedChunkAttention: expected bias of shape [4, 4], received shape [3, 3].',
    );
    expect(() => attend(tensors, {causal: true, linearScope: 'chunk'})).toThrow(
      'mixedChunkAttention: expected linearScope \'sequence\' with causal, received "chunk". The linear part',
    );
  });
});
