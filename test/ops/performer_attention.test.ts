import {describe, expect, test} from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';

import {
  orthogonalRandomFeatures,
  type PerformerAttentionOptions,
  performerAttention,
  scaledDotProductAttention,
} from '../../src/ops/index.js';
import {expectClose, expectGradientClose, expectTensorsKept, normal} from '../support/expect.js';
import {expectGolden, loadAttention, tensorsOf} from '../support/golden_layer.js';

const KERNELS = ['softmax', 'hyperbolic', 'relu', 'trigonometric'] as const;
const headsFirst = (x: tf.Tensor): tf.Tensor => tf.transpose(x, [0, 2, 1, 3]);

const sample = (length: number, scale = 0.5) => [
  normal([2, 3, length, 5], 1, scale) as tf.Tensor,
  normal([2, 3, length, 5], 2, scale) as tf.Tensor,
  normal([2, 3, length, 2], 3) as tf.Tensor,
];
const OMEGA = () => orthogonalRandomFeatures(7, 5, {seed: 1});
const part = (x: tf.Tensor, begin: number, size: number) =>
  tf.slice(x, [0, 0, begin, 0], [2, 3, size, x.shape[3] as number]);

type Attention = (q: tf.Tensor, k: tf.Tensor, v: tf.Tensor) => tf.Tensor;

async function expectSameWithGradients(actual: Attention, expected: Attention, inputs: tf.Tensor[]): Promise<void> {
  const shape = expected(inputs[0], inputs[1], inputs[2]).shape;
  const [got, want] = [actual, expected].map(run => tf.valueAndGrads(run as never)(inputs, normal(shape as never, 9)));
  await expectClose(got.value, want.value);
  for (const [i, gradient] of got.grads.entries()) await expectGradientClose(gradient, want.grads[i]);
}

describe('performerAttention', () => {
  test.each<[string, PerformerAttentionOptions]>([
    ['fastattn_softmax', {epsilon: 1e-4}],
    ['fastattn_softmax_causal', {epsilon: 1e-4, causal: true, stabilizer: 'max', keySumEpsilon: 1e-6}],
    ['fastattn_trim_mask', {epsilon: 1e-4}],
  ])('equals performer-pytorch, %s', async (name, options) => {
    const golden = await loadAttention(name);
    const {q, k, v, mask, projection} = tensorsOf(golden.inputs);
    await expectGolden(golden, {q, k, v}, ({q, k, v}) =>
      performerAttention(q, k, v, projection as tf.Tensor2D, {...options, mask}),
    );
  });

  test.each<[string, PerformerAttentionOptions]>([
    ['favor_tf_softmax', {detachStabilizer: false}],
    ['favor_tf_softmax_causal', {causal: true, stabilizer: 'max', detachStabilizer: false}],
    ['favor_jax_softmax', {detachStabilizer: false}],
  ])('equals google-research, %s', async (name, options) => {
    const golden = await loadAttention(name);
    const {q, k, v, projection} = tensorsOf(golden.inputs);
    await expectGolden(golden, {q, k, v}, ({q, k, v}) =>
      headsFirst(performerAttention(headsFirst(q), headsFirst(k), headsFirst(v), projection as tf.Tensor2D, options)),
    );
  });

  test.each([
    [16, 0.42],
    [64, 0.21],
    [256, 0.13],
    [1024, 0.085],
    [4096, 0.056],
  ])('%d features come as near to softmax attention as they should', async (features, bound) => {
    const [q, k, v] = [1, 2, 3].map(seed => normal([1, 2, 64, 16], seed, seed === 3 ? 1 : 0.5) as tf.Tensor);
    const exact = scaledDotProductAttention(q, k, v);
    const estimate = performerAttention(q, k, v, orthogonalRandomFeatures(features, 16, {seed: 5, scaling: 'fixed'}));
    const [error, size] = [tf.sub(estimate, exact), exact].map(x => tf.sum(tf.square(x)));
    expect(Math.sqrt((await tf.div(error, size).data())[0])).toBeLessThan(bound);
  });

  test.each(KERNELS)('%s: padding is as if removed, with gradients', async kernel => {
    const omega = OMEGA();
    const inputs = sample(4);
    const mask = tf.tensor2d([1, 1, 1, 1, 0, 0, 1, 1, 1, 1, 0, 0], [2, 6], 'bool');
    const pad = (x: tf.Tensor) => tf.concat([x, tf.fill([2, 3, 2, x.shape[3] as number], 4)], 2);
    await expectSameWithGradients(
      (q, k, v) => part(performerAttention(pad(q), pad(k), pad(v), omega, {kernel, mask}), 0, 4),
      (q, k, v) => performerAttention(q, k, v, omega, {kernel}),
      inputs,
    );
  });

  test.each(KERNELS)('%s: causal ignores the future, and parts equal the whole, with gradients', async kernel => {
    const omega = OMEGA();
    const options = {kernel, causal: true, chunkSize: 3, denominatorEpsilon: kernel === 'trigonometric' ? 1 : 0};
    const whole: Attention = (q, k, v) => performerAttention(q, k, v, omega, options);
    const inputs = sample(7);
    const [q, k, v] = inputs;
    const changed = tf.concat([part(k, 0, 5), tf.fill([2, 3, 2, 5], 2)], 2);
    await expectClose(part(whole(q, changed, v), 0, 5), part(whole(q, k, v), 0, 5));
    await expectSameWithGradients(
      (q, k, v) => {
        const [first, second] = [
          [0, 4],
          [4, 3],
        ].map(([begin, size]) => [q, k, v].map(x => part(x, begin, size)));
        const {output, state} = performerAttention(first[0], first[1], first[2], omega, {
          ...options,
          returnState: true,
        });
        const rest = performerAttention(second[0], second[1], second[2], omega, {...options, initialState: state});
        return tf.concat([output, rest], 2);
      },
      whole,
      inputs,
    );
  });

  test('large inputs stay finite', async () => {
    const omega = OMEGA();
    for (const scale of [6, 300]) {
      const [q, k, v] = sample(9, scale);
      for (const causal of [false, true]) {
        const run: Attention = (q, k, v) => performerAttention(q, k, v, omega, {causal});
        const {value, grads} = tf.valueAndGrads(run as never)([q, k, v]);
        for (const x of [value, ...grads]) expect((await x.data()).every(Number.isFinite)).toBe(true);
      }
    }
  });

  test('a row that sees nothing gives 0', async () => {
    const [q, k, v] = sample(3);
    const mask = tf.zeros([2, 3], 'bool');
    await expectClose(performerAttention(q, k, v, OMEGA(), {mask}), tf.zeros([2, 3, 3, 2]));
  });

  test('keeps one tensor, or two with the state', () => {
    const [q, k, v] = sample(3);
    const omega = OMEGA();
    expectTensorsKept(1, () => performerAttention(q, k, v, omega, {causal: true}));
    expectTensorsKept(2, () => performerAttention(q, k, v, omega, {causal: true, returnState: true}));
  });

  test('says what it expected', () => {
    const [q, k, v] = sample(3);
    expect(() => performerAttention(q, k, v, tf.zeros([7, 4]))).toThrow(
      'performerAttention: expected projection of shape [?, 5], received shape [7, 4].',
    );
    expect(() => performerAttention(q, k, v, OMEGA(), {mask: tf.ones([2, 3, 3])})).toThrow('use causal, or scaled');
    expect(() => performerAttention(q, k, v, OMEGA(), {causal: true, stabilizer: 'max', returnState: true})).toThrow(
      "performerAttention: expected stabilizer 'fixed' or 'none' with initialState or returnState, received \"max\". The largest key of one part says nothing of the others.",
    );
  });
});
