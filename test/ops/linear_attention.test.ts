import {describe, expect, test} from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';

import {type FeatureMapName, type LinearAttentionOptions, linearAttention} from '../../src/ops/index.js';
import {CAUSAL_PRODUCT} from '../../src/ops/linear_attention/name.js';
import {testOn} from '../support/backend.js';
import {expectClose, expectGradientClose, expectTensorsKept, normal} from '../support/expect.js';
import {goldenTensor, loadGolden} from '../support/golden.js';
import {expectGolden, loadAttention, tensorsOf} from '../support/golden_layer.js';
import {Random} from '../support/random.js';
import {HOST_WEIGHTS, hostLinearAttention} from './host_linear_attention.js';

const MAPS: FeatureMapName[] = ['elu', 'exp', 'relu', 'softmax', 'cosine', 'cosformer', 'identity'];

/** Fixtures have the heads behind the length. */
const headsFirst = (x: tf.Tensor): tf.Tensor => tf.transpose(x, [0, 2, 1, 3]);

const rowsOf = (random: Random, rows: number, size: number): number[][] =>
  Array.from({length: rows}, () => Array.from({length: size}, () => random.normal()));

/** q, k and v of [2, 3, length, …], distinct sizes. */
const sample = (length: number, scale = 1) => [
  normal([2, 3, length, 5], 1, scale) as tf.Tensor,
  normal([2, 3, length, 5], 2, scale) as tf.Tensor,
  normal([2, 3, length, 2], 3) as tf.Tensor,
];

async function expectSameWithGradients(
  actual: (q: tf.Tensor, k: tf.Tensor, v: tf.Tensor) => tf.Tensor,
  expected: (q: tf.Tensor, k: tf.Tensor, v: tf.Tensor) => tf.Tensor,
  inputs: tf.Tensor[],
): Promise<void> {
  const want = tf.valueAndGrads(expected as never)(
    inputs,
    normal(expected(...(inputs as [tf.Tensor, tf.Tensor, tf.Tensor])).shape as never, 9),
  );
  const got = tf.valueAndGrads(actual as never)(inputs, normal(want.value.shape as never, 9));
  await expectClose(got.value, want.value);
  for (const [i, gradient] of got.grads.entries()) await expectGradientClose(gradient, want.grads[i]);
}

describe('linearAttention', () => {
  test('worked example', async () => {
    const q = tf.tensor3d([[[0], [1]]]); // elu + 1: 1, 2
    const v = tf.tensor3d([[[3], [6]]]);
    await expectClose(linearAttention(q, q, v), [[[5], [5]]]); // (1·3 + 2·6)/(1 + 2), for both queries
    await expectClose(linearAttention(q, q, v, {causal: true}), [[[3], [5]]]);
    await expectClose(linearAttention(q, q, v, {causal: true, featureMap: 'identity'}), [[[0], [6]]]);
  });

  test.each<[string, LinearAttentionOptions]>([
    ['linattn_elu_causal', {causal: true}],
    ['linattn_elu_mask', {}],
    ['linattn_exp_mask', {featureMap: 'exp'}],
    ['linattn_taylor_causal', {featureMap: 'cosine', causal: true}],
    ['fla_chunk', {featureMap: 'identity', causal: true, scale: 3 ** -0.5, chunkSize: 4}],
    ['fla_recurrent_norm', {featureMap: 'identity', causal: true, scale: 3 ** -0.5, normalize: true}],
  ])('equals its source with the heads behind the length, %s', async (name, options) => {
    const golden = await loadAttention(name);
    const {q, k, v, mask} = tensorsOf(golden.inputs);
    await expectGolden(golden, {q, k, v}, ({q, k, v}) =>
      headsFirst(linearAttention(headsFirst(q), headsFirst(k), headsFirst(v), {...options, mask})),
    );
  });

  test.each<[string, LinearAttentionOptions]>([
    ['effattn_causal', {featureMap: 'softmax', causal: true}],
    ['effattn_mask', {featureMap: 'softmax', scale: 4 ** -0.5}],
  ])('equals linear-attention-transformer, %s', async (name, options) => {
    const golden = await loadAttention(name);
    const {q, k, v, mask} = tensorsOf(golden.inputs);
    await expectGolden(golden, {q, k, v}, ({q, k, v}) => linearAttention(q, k, v, {...options, mask}));
  });

  testOn('tensorflow')('makes the causal product once for output and gradients', async () => {
    const [q, k, v] = sample(9);
    const {kernels} = await tf.profile(
      () =>
        tf.valueAndGrads((q, k, v) => linearAttention(q, k, v, {causal: true}))([q, k, v], normal([2, 3, 9, 2], 4))
          .value,
    );
    expect(kernels.filter(({name}) => name === CAUSAL_PRODUCT)).toHaveLength(1);
  });

  test('final state equals flash-linear-attention', async () => {
    const {inputs, outputs} =
      await loadGolden<Awaited<ReturnType<typeof loadAttention>>>('attention/fla_recurrent_norm');
    const [q, k, v] = ['q', 'k', 'v'].map(name => headsFirst(goldenTensor(inputs[name])));
    const {state} = linearAttention(q, k, v, {featureMap: 'identity', causal: true, returnState: true});
    const [sums, keys] = tf.split(state.sums, [4, 1], -1);
    await expectClose(tf.mul(sums, 1), goldenTensor(outputs.final_state));
    await expectClose(tf.squeeze(keys, [3]), tf.squeeze(goldenTensor(outputs.final_z), [1]));
  });

  describe.each(MAPS)('%s', featureMap => {
    test.each([
      ['over all keys', false],
      ['causal', true],
    ])('equals its definition in double precision, %s', async (_, causal) => {
      const random = new Random(7);
      const [q, k, v] = [rowsOf(random, 11, 3), rowsOf(random, 11, 3), rowsOf(random, 11, 2)];
      if (featureMap === 'softmax' && !causal) return; // not one weight a pair; its fixture has it
      const keep = v.map((_, j) => j !== 1 && j < 9);
      const want = hostLinearAttention({
        ...{q, k, v, causal, keep},
        weight: HOST_WEIGHTS(11)[featureMap],
        normalize: featureMap !== 'identity',
      });
      const mask = tf.tensor2d([keep.map(Number)], [1, 11], 'int32');
      const [tq, tk, tv] = [q, k, v].map(rows => tf.tensor3d([rows]));
      await expectClose(
        linearAttention(tq, tk, tv, {featureMap, causal, mask, chunkSize: 4, epsilon: zero(featureMap, causal)}),
        [want],
      );
    });

    test('padding is as if removed, with gradients', async () => {
      const [q, k, v] = sample(7);
      const mask = tf.tensor2d([1, 1, 1, 1, 0, 0, 0, 1, 1, 1, 1, 0, 0, 0], [2, 7], 'bool');
      const head = (x: tf.Tensor) => tf.slice(x, [0, 0, 0, 0], [2, 3, 4, x.shape[3] as number]);
      const tail = (x: tf.Tensor) => tf.mul(tf.slice(x, [0, 0, 4, 0], [2, 3, 3, x.shape[3] as number]), 50); // large, to be seen
      const behind = [q, k, v].map(tail);
      const options = {featureMap, length: 7};
      await expectSameWithGradients(
        (q, k, v) =>
          head(
            linearAttention(tf.concat([q, behind[0]], 2), tf.concat([k, behind[1]], 2), tf.concat([v, behind[2]], 2), {
              ...options,
              mask,
            }),
          ),
        (q, k, v) => linearAttention(q, k, v, options),
        [q, k, v].map(head),
      );
    });

    test.each([1, 4])('chunk size %d does not matter, with gradients', async chunkSize => {
      const inputs = sample(10);
      await expectSameWithGradients(
        (q, k, v) => linearAttention(q, k, v, {featureMap, causal: true, chunkSize}),
        (q, k, v) => linearAttention(q, k, v, {featureMap, causal: true, chunkSize: 10}),
        inputs,
      );
    });

    test('split and resumed equals one pass, with gradients', async () => {
      const options = {featureMap, causal: true, chunkSize: 2, length: 9} as const;
      const from = (x: tf.Tensor, begin: number, size: number) =>
        tf.slice(x, [0, 0, begin, 0], [2, 3, size, x.shape[3] as number]);
      await expectSameWithGradients(
        (q, k, v) => {
          const [first, second] = [
            [0, 5],
            [5, 4],
          ].map(([begin, size]) => [q, k, v].map(x => from(x, begin, size)));
          const {output, state} = linearAttention(first[0], first[1], first[2], {...options, returnState: true});
          const rest = linearAttention(second[0], second[1], second[2], {...options, initialState: state});
          return tf.concat([output, rest], 2);
        },
        (q, k, v) => linearAttention(q, k, v, options),
        sample(9),
      );
    });

    test('causal ignores the future', async () => {
      const [q, k, v] = sample(6);
      const past = (x: tf.Tensor) => tf.slice(x, [0, 0, 0, 0], [2, 3, 4, x.shape[3] as number]);
      const options = {featureMap, causal: true, chunkSize: 4, length: 6};
      const whole = linearAttention(q, tf.concat([past(k), tf.fill([2, 3, 2, 5], 3)], 2), v, options);
      await expectClose(past(whole), linearAttention(past(q), past(k), past(v), options));
    });

    test('a row that sees nothing gives 0 and no gradient', async () => {
      const inputs = sample(3);
      const mask = tf.tensor2d([0, 0, 0, 0, 1, 1], [2, 3], 'int32');
      for (const causal of [false, true]) {
        const run = (q: tf.Tensor, k: tf.Tensor, v: tf.Tensor) =>
          tf.slice(linearAttention(q, k, v, {featureMap, causal, mask}), [0, 0, 0, 0], [1, 3, 3, 2]);
        const {value, grads} = tf.valueAndGrads(run as never)(inputs, tf.ones([1, 3, 3, 2]));
        for (const x of [value, ...grads]) await expectClose(x, tf.zeros(x.shape));
      }
    });

    test('stays finite at activations of standard deviation 6 and at ±1000', async () => {
      for (const scale of [6, 1000]) {
        const [q, k, v] = sample(20, scale);
        for (const causal of [false, true]) {
          const run = (q: tf.Tensor, k: tf.Tensor, v: tf.Tensor) => linearAttention(q, k, v, {featureMap, causal});
          const {value, grads} = tf.valueAndGrads(run as never)([q, k, v]);
          for (const x of [value, ...grads]) expect((await x.data()).every(Number.isFinite)).toBe(true);
        }
      }
    });
  });

  test('lengths beyond one span of chunks equal short ones, with gradients', async () => {
    const inputs = [1, 2, 3].map(seed => normal([1, 70, 2], seed) as tf.Tensor);
    await expectSameWithGradients(
      (q, k, v) => linearAttention(q, k, v, {causal: true, chunkSize: 1}), // spans of 32 rows
      (q, k, v) => linearAttention(q, k, v, {causal: true, chunkSize: 70}),
      inputs,
    );
  });

  test('standard deviation 6 is exact to float32', async () => {
    const random = new Random(3);
    const wide = (rows: number[][]) => rows.map(row => row.map(x => Math.fround(6 * x)));
    const [q, k, v] = [wide(rowsOf(random, 65, 4)), wide(rowsOf(random, 65, 4)), rowsOf(random, 65, 2)];
    const want = hostLinearAttention({q, k, v, causal: true, weight: HOST_WEIGHTS(65).exp});
    const [tq, tk, tv] = [q, k, v].map(rows => tf.tensor3d([rows]));
    await expectClose(linearAttention(tq, tk, tv, {featureMap: 'exp', causal: true, chunkSize: 16}), [want]);
  });

  test.each([true, false])('65,536 keys lose no digits, causal %s', async causal => {
    const length = 65_536;
    const v = Float32Array.from({length}, (_, j) => Math.fround(1 + (j % 7) / 10));
    const [q, k] = [tf.ones([1, length, 2]), tf.ones([1, length, 2])];
    const y = linearAttention(q, k, tf.tensor3d(v, [1, length, 1]), {
      causal,
      featureMap: 'identity',
      scale: 1 / (2 * length),
    });
    const got = await y.data();
    let sum = 0;
    let worst = 0;
    for (let i = 0; i < length; i++) sum += v[i];
    let running = 0;
    for (let i = 0; i < length; i++) {
      running += v[i];
      const want = (causal ? running : sum) / length;
      worst = Math.max(worst, Math.abs(got[i] - want) / want);
    }
    expect(worst).toBeLessThan(1e-5);
  });

  test('a function as feature map may have weights', async () => {
    const [q, k, v] = sample(4);
    const kernel = normal([5, 7], 5) as tf.Tensor2D;
    const features = (x: tf.Tensor, kernel: tf.Tensor) =>
      tf.reshape(tf.square(tf.matMul(tf.reshape(x, [-1, 5]), kernel as tf.Tensor2D)), [...x.shape.slice(0, -1), 7]);
    const run = (kernel: tf.Tensor) => linearAttention(q, k, v, {featureMap: x => features(x, kernel), causal: true});
    const direct = (kernel: tf.Tensor) => {
      const weights = tf.mul(
        tf.matMul(features(q, kernel), features(k, kernel), false, true),
        tf.tensor2d([1, 0, 0, 0, 1, 1, 0, 0, 1, 1, 1, 0, 1, 1, 1, 1], [4, 4]),
      );
      return tf.div(tf.matMul(weights, v), tf.add(tf.sum(weights, -1, true), 1e-6));
    };
    await expectClose(run(kernel), direct(kernel));
    await expectGradientClose(tf.grad(run)(kernel), tf.grad(direct)(kernel));
  });

  test("maskMode 'values' leaves masked keys in the denominator", async () => {
    const q = tf.zeros([1, 2, 3]);
    const mask = tf.tensor2d([[1, 0]], [1, 2], 'bool');
    await expectClose(linearAttention(q, q, tf.ones([1, 2, 1]), {mask, maskMode: 'values'}), [[[0.5], [0.5]]]);
  });

  test('keeps one tensor, or two or three with the state', () => {
    const [q, k, v] = sample(3);
    expectTensorsKept(1, () => linearAttention(q, k, v, {causal: true}));
    expectTensorsKept(2, () => linearAttention(q, k, v, {causal: true, returnState: true}));
    expectTensorsKept(3, () => linearAttention(q, k, v, {causal: true, returnState: true, featureMap: 'exp'}));
  });

  test('says what it expected', () => {
    const [q, k, v] = sample(3);
    expect(() => linearAttention(q, k, v, {mask: tf.ones([3, 3])})).toThrow(
      'linearAttention: expected mask (keys) of shape [2, 3], received shape [3, 3]. Linear attention has no scores that a mask of queries × keys could act on: use causal, or scaledDotProductAttention with a bias.',
    );
    expect(() => linearAttention(q, k, v, {bias: tf.ones([3, 3])} as LinearAttentionOptions)).toThrow(
      'linearAttention: expected no bias, received float32 of shape [3, 3]. Linear attention has no scores',
    );
    expect(() => linearAttention(q, k, v, {returnState: true})).toThrow(
      'linearAttention: expected causal: true with initialState or returnState, received false. Without it',
    );
    expect(() => linearAttention(q, k, v, {featureMap: 'cosformer', causal: true, returnState: true})).toThrow(
      "linearAttention: expected length for featureMap 'cosformer' in parts, received undefined. Its angles are relative to the length of the whole sequence.",
    );
    expect(() => linearAttention(q, k, v, {featureMap: 'softmax', normalize: false})).toThrow(
      "linearAttention: expected no normalize and no epsilon for featureMap 'softmax' without causal, received",
    );
    expect(() => linearAttention(q, k, v, {featureMap: 'gelu' as never})).toThrow(
      'expected featureMap to be one of elu, exp, relu, softmax, cosine, cosformer, identity',
    );
  });
});

const zero = (map: FeatureMapName, causal: boolean): number | undefined =>
  map === 'softmax' && !causal ? undefined : 0;
