import {expect, test} from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';

import * as exported from '../../src/ops/index.js';

type Op = (...given: unknown[]) => unknown;

const x = () => tf.ones([1, 2, 2]);
const heads = () => tf.ones([1, 1, 2, 2]);
const matrix = () => tf.ones([2, 2]);
const spans = () => tf.zeros([1, 1, 1, 2], 'int32');

/** What stands before the options of an op; `null` for those without. */
const BEFORE: Record<string, (() => unknown[]) | null> = {
  attentionWeights: () => [x(), x()],
  cholesky: null,
  cosineSimilarities: null,
  counterDropout: null,
  decodeSpans: () => [heads()],
  depthwiseConv1d: () => [x(), tf.ones([1, 2])],
  efficientGlobalPointerCrossentropy: () => [spans(), x(), x(), x()],
  efficientGlobalPointerScores: () => [x(), x(), x()],
  favorPlusFeatures: () => [x(), matrix()],
  gaussianBhattacharyya: null,
  gaussianKl: null,
  gaussianWasserstein: null,
  globalPointerCrossentropy: () => [spans(), heads(), heads()],
  globalPointerScores: () => [heads(), heads()],
  hsic: () => [matrix(), matrix()],
  linearAttention: () => [x(), x(), x()],
  mixedChunkAttention: () => [{quadQuery: x(), quadKey: x(), linearQuery: x(), linearKey: x(), value: x()}],
  orthogonalRandomFeatures: () => [2, 2],
  performerAttention: () => [x(), x(), x(), matrix()],
  rmsNormalization: () => [x()],
  rotaryEmbedding: () => [x()],
  scaledDotProductAttention: () => [x(), x(), x()],
  sinusoidalEmbedding: () => [tf.range(0, 2), 2],
  spanLabels: () => [[]],
  spanList: () => [[]],
  swish: null,
};

const functions = Object.entries(exported).filter(([, value]) => typeof value === 'function') as [string, Op][];

test('every op is listed here', () => {
  expect(Object.keys(BEFORE).sort()).toEqual(functions.map(([name]) => name).sort());
});

for (const [name, op] of functions) {
  const before = BEFORE[name];
  if (!before) continue;
  test(`${name} refuses a misspelt option`, async () => {
    await op(...before(), name === 'spanLabels' ? {heads: 1} : {});
    await expect(async () => op(...before(), {misspelt: 1})).rejects.toThrow(
      new RegExp(`^${name}: expected options out of (\\w+, )*\\w+, received "misspelt"\\.$`),
    );
  });
}

test('an op refuses a misspelt option of the rotation', () => {
  const options = {rotary: {theta: 1e4}} as never;
  expect(() => exported.scaledDotProductAttention(x(), x(), x(), options)).toThrow(
    'scaledDotProductAttention: expected options out of positions, base, layout, received "theta".',
  );
});
