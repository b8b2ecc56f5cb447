import {describe, expect, test} from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';

import {
  attentionWeights,
  type ScaledDotProductAttentionOptions,
  scaledDotProductAttention,
} from '../../src/ops/index.js';
import {SCALED_DOT_PRODUCT_ATTENTION} from '../../src/ops/scaled_dot_product_attention/name.js';
import {testOn} from '../support/backend.js';
import {expectClose, expectGradientClose, expectTensorsKept, normal} from '../support/expect.js';
import {expectFusedIsComposed} from '../support/fused.js';
import {expectGolden, loadAttention, tensorsOf} from '../support/golden_layer.js';

const NORMALIZATIONS = ['softmax', 'softmaxPlus', 'squaredRelu'] as const;

/** Attention one row and key at a time, in plain numbers. */
async function attentionByLoops(
  [q, k, v]: tf.Tensor[],
  visible: (b: number, i: number, j: number) => boolean,
  {normalization = 'softmax', scale = 1, lengthBase = 512, minLength = 16}: ScaledDotProductAttentionOptions,
  bias: (b: number, h: number, i: number, j: number) => number = () => 0,
): Promise<tf.Tensor> {
  const [Q, K, V] = (await Promise.all([q, k, v].map(t => t.array()))) as number[][][][][];
  const rows = Q.map((heads, b) =>
    heads.map((queries, h) =>
      queries.map((query, i) => {
        const keys = K[b][h].map((_, j) => j).filter(j => visible(b, i, j));
        const n = keys.length;
        const factor = normalization === 'softmaxPlus' ? Math.log(Math.max(n, minLength)) / Math.log(lengthBase) : 1;
        const scores = keys.map(j => {
          const product = K[b][h][j].reduce((sum, value, c) => sum + value * query[c], 0);
          return factor * (scale * product + bias(b, h, i, j));
        });
        const raw = scores.map(s => (normalization === 'squaredRelu' ? Math.max(s, 0) ** 2 : Math.exp(s)));
        const total = normalization === 'squaredRelu' ? n : raw.reduce((sum, value) => sum + value, 0);
        return V[b][h][0].map((_, c) => keys.reduce((sum, j, at) => sum + (raw[at] / total) * V[b][h][j][c], 0));
      }),
    ),
  );
  return tf.tensor(rows);
}

describe('scaledDotProductAttention', () => {
  test('worked example: two keys, one query', async () => {
    const q = tf.tensor3d([[[1]]]);
    const kv = tf.tensor3d([[[0], [Math.log(3)]]]);
    await expectClose(scaledDotProductAttention(q, kv, kv), [[[0.75 * Math.log(3)]]]);
  });

  describe.each(NORMALIZATIONS)('%s', normalization => {
    test('equals loops over rows and keys, with mask, bool and float bias and causality', async () => {
      const [q, k, v] = [normal([2, 3, 5, 4], 1), normal([2, 3, 7, 4], 2), normal([2, 3, 7, 2], 3)];
      const keep = [
        [1, 1, 1, 1, 1, 1, 0],
        [1, 0, 1, 1, 0, 1, 1],
      ];
      const allowed = (i: number, j: number) => (i * 3 + j) % 5 !== 1;
      const bias = normal([1, 3, 5, 7], 4);
      const B = (await bias.array()) as number[][][][];
      const bools = tf.tensor(
        Array.from({length: 5}, (_, i) => Array.from({length: 7}, (_, j) => allowed(i, j))),
        [5, 7],
        'bool',
      );
      const options = {normalization, scale: 0.5};
      const got = scaledDotProductAttention(q, k, v, {
        ...options,
        causal: true,
        mask: tf.tensor2d(keep, [2, 7], 'int32'),
        bias: [bools, bias],
      });
      const visible = (b: number, i: number, j: number) => keep[b][j] === 1 && allowed(i, j) && j <= i + 2;
      await expectClose(got, await attentionByLoops([q, k, v], visible, options, (_, h, i, j) => B[0][h][i][j]));
    });

    test('a row that sees nothing is 0, and gets and gives no gradient', async () => {
      const [q, k, v] = [1, 2, 3].map(seed => normal([2, 1, 3, 4], seed));
      const mask = tf.tensor2d([0, 0, 0, 1, 1, 0], [2, 3], 'bool');
      const run = (q: tf.Tensor, k: tf.Tensor, v: tf.Tensor) =>
        scaledDotProductAttention(q, k, v, {mask, normalization});
      const {value, grads} = tf.valueAndGrads((...[q, k, v]: tf.Tensor[]) => tf.sum(tf.square(run(q, k, v))))([
        q,
        k,
        v,
      ]);
      expect((await value.data())[0]).toBeGreaterThan(0);
      const blind = [run(q, k, v), ...grads].map(t => tf.slice(t, 0, 1));
      for (const one of blind) await expectClose(one, tf.zeros(one.shape));
    });

    test('second-order gradients equal those of composed ops', async () => {
      const [q, k, v] = [1, 2, 3].map(seed => normal([1, 1, 3, 2], seed, 0.7));
      const composed = (q: tf.Tensor) => {
        const scores = tf.mul(tf.matMul(q, k, false, true), Math.SQRT1_2);
        const factor = normalization === 'softmaxPlus' ? Math.log(16) / Math.log(512) : 1;
        // the gradient of exp reads its output, which cuts the second order; that of expm1 reads its input
        const raw =
          normalization === 'squaredRelu'
            ? tf.div(tf.square(tf.relu(scores)), 3)
            : tf.add(tf.expm1(tf.mul(scores, factor)), 1);
        const weights = normalization === 'squaredRelu' ? raw : tf.div(raw, tf.sum(raw, -1, true));
        return tf.matMul(weights, v);
      };
      const second = (f: (q: tf.Tensor) => tf.Tensor) =>
        tf.grad((q: tf.Tensor) => tf.sum(tf.square(tf.grad((q: tf.Tensor) => tf.sum(tf.square(f(q))))(q))))(q);
      await expectGradientClose(
        second(q => scaledDotProductAttention(q, k, v, {normalization})),
        second(composed),
      );
    });

    test('is finite at extreme scores', async () => {
      const q = tf.tensor4d([1e4, -1e4, 0], [1, 1, 3, 1]);
      const grad = tf.grad((q: tf.Tensor) => tf.sum(scaledDotProductAttention(q, q, q, {normalization, scale: 1e-3})));
      const numbers = [
        ...(await scaledDotProductAttention(q, q, q, {normalization, scale: 1e-3}).data()),
        ...(await grad(q).data()),
      ];
      expect(numbers.every(Number.isFinite)).toBe(true);
    });
  });

  test('float bias −Infinity hides a key without NaN', async () => {
    const [q, k, v] = [1, 2, 3].map(seed => normal([1, 1, 2, 3], seed));
    const bias = tf.tensor2d([0, Number.NEGATIVE_INFINITY, 0, 0], [2, 2]);
    const allowed = tf.tensor2d([1, 0, 1, 1], [2, 2], 'bool');
    const {value, grad} = tf.valueAndGrad((bias: tf.Tensor) => tf.sum(scaledDotProductAttention(q, k, v, {bias})))(
      bias,
    );
    await expectClose(value, tf.sum(scaledDotProductAttention(q, k, v, {bias: allowed})));
    expect((await grad.data()).every(Number.isFinite)).toBe(true);
  });

  test('the κ form of entropy invariance, attE_kappa', async () => {
    const golden = await loadAttention('attE_kappa');
    const {mask, ...inputs} = tensorsOf(golden.inputs);
    const scale = (golden.config.kappa as number) / 4;
    await expectGolden(golden, inputs, ({q, k, v}) =>
      scaledDotProductAttention(q, k, v, {mask, scale, normalization: 'softmaxPlus', lengthBase: Math.E, minLength: 1}),
    );
  });

  test('the log 512 form, causal, attE_log512_causal', async () => {
    const golden = await loadAttention('attE_log512_causal');
    await expectGolden(golden, tensorsOf(golden.inputs), ({q, k, v}) =>
      scaledDotProductAttention(q, k, v, {causal: true, normalization: 'softmaxPlus', minLength: 1}),
    );
  });

  test.each(['attnorm_relu2_boolbias', 'attnorm_softmaxplus_4d'])('weights equal bert4keras, %s', async name => {
    const golden = await loadAttention(name);
    const {a, mask, bias} = tensorsOf(golden.inputs);
    const keys = a.shape[a.rank - 1];
    const unit = tf.tile(tf.reshape(tf.eye(keys), [...a.shape.slice(0, -2).map(() => 1), keys, keys]), [
      ...a.shape.slice(0, -2),
      1,
      1,
    ]);
    const normalization = golden.config.method === 'squared_relu' ? 'squaredRelu' : 'softmaxPlus';
    await expectGolden(golden, {a}, ({a}) => attentionWeights(a, unit, {mask, bias, normalization, scale: 1}));
  });

  describe('dropout', () => {
    const [q, k, v] = [1, 2, 3].map(seed => () => normal([1, 2, 16, 4], seed));
    const run = (options: ScaledDotProductAttentionOptions) => scaledDotProductAttention(q(), k(), v(), options);

    test('acts in training only, repeats with its seed and differs without', async () => {
      await expectClose(run({dropoutRate: 0.5, seed: 1}), run({}));
      const dropped = run({dropoutRate: 0.5, seed: 1, training: true});
      await expectClose(run({dropoutRate: 0.5, seed: 1, training: true}), dropped);
      const other = run({dropoutRate: 0.5, seed: 2, training: true});
      expect((await tf.max(tf.abs(tf.sub(other, dropped))).data())[0]).toBeGreaterThan(0.05);
    });

    test('its backward pass drops the same weights', async () => {
      const options = {dropoutRate: 0.5, seed: 3, training: true};
      const f = (v: tf.Tensor) => tf.sum(scaledDotProductAttention(q(), k(), v, options));
      const gradient = tf.grad(f)(v());
      await expectClose(tf.sum(tf.mul(gradient, v())), f(v())); // linear in v
    });

    test('needs a seed', () => {
      expect(() => run({dropoutRate: 0.5, training: true})).toThrow('expected an integer seed when dropout acts');
    });
  });

  testOn('tensorflow').each(NORMALIZATIONS)('the fused kernel equals composed ops, %s', async normalization => {
    const [q, k, v] = [normal([2, 3, 5, 4], 1), normal([2, 3, 7, 4], 2), normal([2, 3, 7, 3], 3)];
    const mask = tf.tensor2d([1, 1, 0, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0], [2, 7], 'bool');
    const drops = {dropoutRate: 0.5, seed: 3, training: true};
    for (const options of [{}, {mask}, {causal: true, mask, bias: normal([5, 7], 4)}, drops]) {
      await expectFusedIsComposed(SCALED_DOT_PRODUCT_ATTENTION, () =>
        scaledDotProductAttention(q, k, v, {normalization, ...options}),
      );
    }
  });

  testOn('tensorflow')('products of large matrices, made one by one, are those of the batch', async () => {
    const [q, k, v] = [normal([3, 512, 4], 1), normal([3, 2, 4], 2), normal([3, 2, 1024], 3)];
    await expectFusedIsComposed(SCALED_DOT_PRODUCT_ATTENTION, () => scaledDotProductAttention(q, k, v));
    const ofValues = tf.grad((v: tf.Tensor) => scaledDotProductAttention(q, k, v));
    await expectFusedIsComposed(SCALED_DOT_PRODUCT_ATTENTION, () => ofValues(v, normal([3, 512, 1024], 4)));
  });

  test('keeps one tensor: the result', () => {
    const q = tf.ones([1, 2, 3, 4]);
    const mask = tf.ones([1, 3], 'bool');
    expectTensorsKept(1, () => scaledDotProductAttention(q, q, q, {mask, causal: true, normalization: 'softmaxPlus'}));
  });

  test('says what it expected', () => {
    const q = tf.ones([1, 2, 3, 4]);
    expect(() => scaledDotProductAttention(q, tf.ones([1, 2, 3, 5]), q)).toThrow(
      'scaledDotProductAttention: expected k of shape [1, 2, ?, 4], received shape [1, 2, 3, 5].',
    );
    expect(() => scaledDotProductAttention(q, q, q, {mask: tf.ones([3, 1])})).toThrow(
      'expected mask (keys) of shape [1, 3]',
    );
    expect(() => scaledDotProductAttention(q, q, q, {bias: tf.ones([4, 3])})).toThrow(
      'expected bias that broadcasts to the scores [1, 2, 3, 3], received float32 of shape [4, 3].',
    );
  });
});
