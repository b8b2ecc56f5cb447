/** How the op suite exercises each exported op: one entry an op, and every op has one. */
import * as tf from '@tensorflow/tfjs-core';

import * as ops from '../../src/ops/index.js';
import {normal} from '../support/expect.js';

export interface OpEntry {
  /** Differentiable inputs for a length; absent for ops without any. */
  inputs?(length: number): tf.Tensor[];
  /** The op on those inputs, with every other argument fixed. */
  run(inputs: tf.Tensor[], length: number): tf.Tensor;
  /** Calls that must fail, and what the error must say. */
  errors: [() => unknown, string][];
}

const mask = (length: number): tf.Tensor =>
  tf.tensor2d(
    Array.from({length: 2 * length}, (_, i) => i % length < Math.max(1, length - 1)) as never,
    [2, length],
    'bool',
  );

/** Without the blank cells, which would drown the others. */
const visible = (scores: tf.Tensor): tf.Tensor => tf.clipByValue(scores, -50, 50);

export const OP_CATALOG: Record<string, OpEntry> = {
  attentionWeights: {
    inputs: length => [normal([2, 3, length, 4], 1), normal([2, 3, length, 4], 2), normal([1, 3, length, length], 3)],
    run: ([q, k, bias], length) =>
      ops.attentionWeights(q, k, {bias, mask: mask(length), causal: true, normalization: 'softmaxPlus', minLength: 2}),
    errors: [
      [
        () => ops.attentionWeights(tf.ones([2, 3]), tf.ones([2, 3])),
        'attentionWeights: expected q of shape [B, H, T, D]',
      ],
    ],
  },
  cholesky: {
    inputs: length => [normal([2, length, 3], 1)],
    run: ([x]) => {
      const matrices = tf.add(tf.matMul(x, x, true, false), tf.eye(3)); // positive definite
      return ops.cholesky(matrices);
    },
    errors: [[() => ops.cholesky(tf.ones([2, 3])), 'cholesky: expected matrices [..., N, N]']],
  },
  cosineSimilarities: {
    inputs: length => [normal([2, length, 4], 1), normal([4, 3], 2)],
    run: ([x, kernel]) => ops.cosineSimilarities(x, kernel as tf.Tensor2D),
    errors: [
      [() => ops.cosineSimilarities(tf.ones([2, 3]), tf.ones([2, 3])), 'expected the last axis of x of shape [2]'],
    ],
  },
  counterDropout: {
    run: (_, length) => ops.counterDropout([2, length], 0.5, 7),
    errors: [[() => ops.counterDropout([2], -1, 7), 'counterDropout: expected rate in [0, 1), received -1.']],
  },
  decodeSpans: {
    run: () => tf.scalar(0), // reads tensors and returns lists: test/ops/decode_spans.test.ts
    errors: [[() => ops.decodeSpans(tf.ones([2, 3]) as never), 'decodeSpans: expected']],
  },
  depthwiseConv1d: {
    inputs: length => [normal([2, length, 3], 1), normal([3, 3], 2)],
    run: ([x, kernel]) => ops.depthwiseConv1d(x as tf.Tensor3D, kernel as tf.Tensor2D),
    errors: [[() => ops.depthwiseConv1d(tf.ones([1, 2, 3]), tf.ones([3, 4])), 'expected kernel of shape [?, 3]']],
  },
  efficientGlobalPointerCrossentropy: {
    inputs: length => [normal([2, length, 4], 1), normal([2, length, 4], 2), normal([2, length, 6], 3)],
    run: ([q, k, bias], length) => {
      const spans = ops.spanLabels([[{head: 0, start: 0, end: length - 1}], []], {heads: 3, maskZero: false});
      const options = {mask: mask(length), maskZero: false};
      return ops.efficientGlobalPointerCrossentropy(
        spans,
        q as tf.Tensor3D,
        k as tf.Tensor3D,
        bias as tf.Tensor3D,
        options,
      );
    },
    errors: [
      [
        () =>
          ops.efficientGlobalPointerCrossentropy(
            tf.zeros([1, 2, 1, 2]) as tf.Tensor4D,
            tf.ones([1, 3, 4]),
            tf.ones([1, 3, 4]),
            tf.ones([1, 3, 2]),
          ),
        'efficientGlobalPointerCrossentropy: expected labels of shape [1, 1, ?, 2], received shape [1, 2, 1, 2].',
      ],
    ],
  },
  efficientGlobalPointerScores: {
    inputs: length => [normal([2, length, 4], 1), normal([2, length, 4], 2), normal([2, length, 6], 3)],
    run: ([q, k, bias], length) =>
      visible(
        ops.efficientGlobalPointerScores(q as tf.Tensor3D, k as tf.Tensor3D, bias as tf.Tensor3D, {mask: mask(length)}),
      ),
    errors: [
      [
        () => ops.efficientGlobalPointerScores(tf.ones([2, 3]) as never, tf.ones([1, 1, 1]), tf.ones([1, 1, 1])),
        'q of shape [B, T, D]',
      ],
    ],
  },
  favorPlusFeatures: {
    inputs: length => [normal([2, 3, length, 4], 1), normal([5, 4], 2)],
    run: ([x, projection], length) => {
      const options = {mask: mask(length), stabilizer: 'fixed'} as const; // the gradient leaves the largest key out
      return ops.favorPlusFeatures(x, projection as tf.Tensor2D, options);
    },
    errors: [
      [
        () => ops.favorPlusFeatures(tf.ones([1, 2, 3]), tf.ones([4, 5])),
        'favorPlusFeatures: expected projection of shape [?, 3], received shape [4, 5].',
      ],
    ],
  },
  gaussianBhattacharyya: {
    inputs: length => [1, 2, 3, 4].map(seed => normal([length, 3], seed, 0.5)),
    run: ([mean, logVar, otherMean, otherLogVar]) =>
      ops.gaussianBhattacharyya({mean, logVar}, {mean: otherMean, logVar: otherLogVar}),
    errors: [
      [
        () =>
          ops.gaussianBhattacharyya(
            {mean: tf.ones([2, 3]), logVar: tf.ones([2, 3])},
            {mean: tf.ones([2, 4]), logVar: tf.ones([2, 4])},
          ),
        'gaussianBhattacharyya: expected the second mean of shape [2, 3], received shape [2, 4].',
      ],
    ],
  },
  gaussianKl: {
    inputs: length => [1, 2, 3, 4].map(seed => normal([length, 3], seed, 0.5)),
    run: ([mean, logVar, otherMean, otherLogVar]) =>
      ops.gaussianKl({mean, logVar}, {mean: otherMean, logVar: otherLogVar}),
    errors: [
      [
        () =>
          ops.gaussianKl(
            {mean: tf.ones([2, 3]), logVar: tf.ones([2, 3])},
            {mean: tf.ones([2, 4]), logVar: tf.ones([2, 4])},
          ),
        'gaussianKl: expected the second mean of shape [2, 3], received shape [2, 4].',
      ],
    ],
  },
  gaussianWasserstein: {
    inputs: length => [1, 2, 3, 4].map(seed => normal([length, 3], seed, 0.5)),
    run: ([mean, logVar, otherMean, otherLogVar]) =>
      ops.gaussianWasserstein({mean, logVar}, {mean: otherMean, logVar: otherLogVar}),
    errors: [
      [
        () =>
          ops.gaussianWasserstein(
            {mean: tf.ones([2, 3]), logVar: tf.ones([2, 3])},
            {mean: tf.ones([2, 4]), logVar: tf.ones([2, 4])},
          ),
        'gaussianWasserstein: expected the second mean of shape [2, 3], received shape [2, 4].',
      ],
    ],
  },
  globalPointerCrossentropy: {
    inputs: length => [normal([2, 3, length, 4], 1), normal([2, 3, length, 4], 2)],
    run: ([q, k], length) => {
      const spans = ops.spanList([[{head: 0, start: 0, end: length - 1}], []]);
      const options = {mask: mask(length), maskZero: false};
      return ops.globalPointerCrossentropy(spans, q as tf.Tensor4D, k as tf.Tensor4D, options);
    },
    errors: [
      [
        () =>
          ops.globalPointerCrossentropy(
            tf.zeros([2, 1, 3]) as tf.Tensor3D,
            tf.ones([1, 1, 3, 4]),
            tf.ones([1, 1, 3, 4]),
          ),
        'globalPointerCrossentropy: expected spans of shape [1, ?, 3], received shape [2, 1, 3].',
      ],
    ],
  },
  globalPointerScores: {
    inputs: length => [normal([2, 3, length, 4], 1), normal([2, 3, length, 4], 2)],
    run: ([q, k], length) => visible(ops.globalPointerScores(q as tf.Tensor4D, k as tf.Tensor4D, {mask: mask(length)})),
    errors: [
      [
        () => ops.globalPointerScores(tf.ones([1, 1, 2, 2]), tf.ones([1, 1, 2, 2]), {maskValue: -1}),
        'expected maskValue in [-Infinity, -10000]',
      ],
      [() => ops.globalPointerScores(tf.ones([2, 3]) as never, tf.ones([1, 1, 1, 1])), 'q of shape [B, H, T, D]'],
    ],
  },
  hsic: {
    inputs: length => [normal([length + 3, 2], 1), normal([length + 3, 3], 2)],
    run: ([x, y]) => ops.hsic(x as tf.Tensor2D, y as tf.Tensor2D),
    errors: [[() => ops.hsic(tf.ones([3, 2]), tf.ones([4, 2])), 'hsic: expected y of shape [3, e]']],
  },
  linearAttention: {
    inputs: length => [1, 2, 3].map(seed => normal([2, 3, length, 4], seed)),
    run: ([q, k, v], length) => ops.linearAttention(q, k, v, {mask: mask(length), causal: true, chunkSize: 4}),
    errors: [
      [
        () => ops.linearAttention(tf.ones([1, 2, 3]), tf.ones([1, 2, 3]), tf.ones([1, 4, 3])),
        'linearAttention: expected v of shape [1, 2, ?], received shape [1, 4, 3].',
      ],
    ],
  },
  mixedChunkAttention: {
    inputs: length => [1, 2, 3, 4, 5].map(seed => normal([2, length, 3], seed)),
    run: (tensors, length) => {
      const [quadQuery, quadKey, linearQuery, linearKey, value] = tensors as tf.Tensor3D[];
      const inputs = {quadQuery, quadKey, linearQuery, linearKey, value};
      return ops.mixedChunkAttention(inputs, {chunkSize: 4, causal: true, mask: mask(length)});
    },
    errors: [
      [
        () => {
          const q = tf.ones([1, 2, 3]) as tf.Tensor3D;
          const inputs = {quadQuery: q, quadKey: q, linearQuery: q, linearKey: q, value: tf.ones([1, 4, 3])};
          return ops.mixedChunkAttention(inputs as never);
        },
        'mixedChunkAttention: expected value of shape [1, 2, ?], received shape [1, 4, 3].',
      ],
    ],
  },
  orthogonalRandomFeatures: {
    run: (_, length) => ops.orthogonalRandomFeatures(length, 3, {seed: 7}),
    errors: [
      [() => ops.orthogonalRandomFeatures(2, 0), 'orthogonalRandomFeatures: expected cols to be a positive integer'],
    ],
  },
  performerAttention: {
    inputs: length => [1, 2, 3].map(seed => normal([2, 3, length, 4], seed, 0.5)),
    run: ([q, k, v], length) => {
      const projection = ops.orthogonalRandomFeatures(5, 4, {seed: 7});
      return ops.performerAttention(q, k, v, projection, {mask: mask(length), causal: true, chunkSize: 4});
    },
    errors: [
      [
        () => ops.performerAttention(tf.ones([1, 2, 3]), tf.ones([1, 2, 3]), tf.ones([1, 2, 3]), tf.ones([4, 5])),
        'performerAttention: expected projection of shape [?, 3], received shape [4, 5].',
      ],
    ],
  },
  rmsNormalization: {
    inputs: length => [normal([2, length, 5], 1), normal([5], 2)],
    run: ([x, gamma]) => ops.rmsNormalization(x, {gamma: gamma as tf.Tensor1D}),
    errors: [[() => ops.rmsNormalization(tf.ones([2, 3]), {gamma: tf.ones([4])}), 'expected gamma of shape [3]']],
  },
  rotaryEmbedding: {
    inputs: length => [normal([2, 3, length, 6], 1)],
    run: ([x]) => ops.rotaryEmbedding(x),
    errors: [[() => ops.rotaryEmbedding(tf.ones([4])), 'rotaryEmbedding: expected x of shape [..., T, D]']],
  },
  scaledDotProductAttention: {
    inputs: length => [1, 2, 3].map(seed => normal([2, 3, length, 4], seed)),
    run: ([q, k, v], length) =>
      ops.scaledDotProductAttention(q, k, v, {mask: mask(length), normalization: 'squaredRelu'}),
    errors: [
      [
        () => ops.scaledDotProductAttention(tf.ones([1, 2, 3]), tf.ones([1, 2, 3]), tf.ones([1, 4, 3])),
        'expected v, apart from its channels, of shape [1, 2]',
      ],
    ],
  },
  sinusoidalEmbedding: {
    run: (_, length) => ops.sinusoidalEmbedding(tf.range(0, length), 6),
    errors: [[() => ops.sinusoidalEmbedding(tf.range(0, 2), 3), 'expected an even number of channels, received 3.']],
  },
  spanLabels: {
    run: () => ops.spanLabels([[{head: 0, start: 1, end: 2}], []], {heads: 2}),
    errors: [
      [() => ops.spanLabels([[]], {heads: 0}), 'spanLabels: expected heads to be a positive integer, received 0.'],
    ],
  },
  spanList: {
    run: () => ops.spanList([[{head: 0, start: 1, end: 2}], []]),
    errors: [
      [() => ops.spanList([[]], {maxSpans: 0}), 'spanList: expected maxSpans to be a positive integer, received 0.'],
    ],
  },
  swish: {
    inputs: length => [normal([2, length], 1)],
    run: ([x]) => ops.swish(x),
    errors: [],
  },
};
