import {afterEach, describe, expect, test} from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';

import {kernels, losses} from '../../src/index.js';
import {globalPointerCrossentropy as loss} from '../../src/ops/global_pointer_crossentropy/index.js';
import {globalPointerScores} from '../../src/ops/global_pointer_scores/index.js';
import {spanLabels} from '../../src/ops/span_labels/index.js';
import {spanList} from '../../src/ops/span_list/index.js';
import {expectClose, expectGradientClose, expectTensorsKept, normal} from '../support/expect.js';

const span = (head: number, start: number, end: number) => ({head, start, end});
const SPANS = [[span(0, 0, 0), span(2, 1, 3), span(2, 2, 2)], [span(1, 0, 1)]];
const [BATCH, HEADS, LENGTH, SIZE] = [2, 3, 5, 4];

const projections = (length = LENGTH) =>
  [1, 2].map(seed => normal([BATCH, HEADS, length, SIZE], seed, 2)) as tf.Tensor4D[];

/** Value and gradients for q and k, of each sample and type with another weight. */
function both(run: (q: tf.Tensor4D, k: tf.Tensor4D) => tf.Tensor, inputs = projections()) {
  const weights = tf.reshape(tf.range(1, BATCH * HEADS + 1), [BATCH, HEADS]);
  const total = (q: tf.Tensor, k: tf.Tensor) =>
    tf.sum(tf.mul(weights, run(q as tf.Tensor4D, k as tf.Tensor4D))) as tf.Scalar;
  return tf.valueAndGrads(total)(inputs);
}

describe('globalPointerCrossentropy', () => {
  afterEach(() => kernels.setFused(true));

  test.each([
    [{}, {}],
    [{trilMask: false, scale: 0.3}, {threshold: 0.5}],
    [{mask: [1, 1, 1, 1, 0]}, {maskZero: true}],
  ])(
    'is the loss of the scores, forward and backward: %j %j',
    async ({mask, ...head}: Record<string, unknown>, args) => {
      const options = {...head, ...(mask !== undefined && {mask: tf.tensor2d([mask, mask] as number[][])})};
      const labels = spanLabels(SPANS, {heads: HEADS, maskZero: false});
      const lossArgs = {maskZero: false, ...args, reduction: 'none'} as const;
      const want = both((q, k) =>
        losses.sparseGlobalPointerCrossentropyLoss(lossArgs)(labels, globalPointerScores(q, k, options)),
      );
      for (const spans of [labels, spanList(SPANS)]) {
        const got = both((q, k) => loss(spans, q, k, {...options, ...lossArgs}));
        await expectClose(got.value, want.value);
        await expectGradientClose(got.grads[0], want.grads[0]);
        await expectGradientClose(got.grads[1], want.grads[1]);
      }
    },
  );

  test('the losses of GlobalPointer take it where the scores are many, to the same numbers', async () => {
    const inputs = projections(120);
    const run = (q: tf.Tensor4D, k: tf.Tensor4D) =>
      losses.globalPointerCrossentropyLoss({reduction: 'none'})(spanList(SPANS), globalPointerScores(q, k));
    const got = both(run, inputs);
    expect(kernels.report().find(({op}) => op === 'globalPointerCrossentropy')?.path).toBe('fused');
    kernels.setFused(false);
    const want = both(run, inputs);
    await expectClose(got.value, want.value);
    await expectGradientClose(got.grads[0], want.grads[0]);
    await expectGradientClose(got.grads[1], want.grads[1]);
  });

  test('never makes the scores of more than one type', async () => {
    const [q, k] = projections(23);
    const {kernels: ran} = await tf.profile(
      () => both((q, k) => loss(spanList(SPANS), q, k, {reduction: 'none'}), [q, k]).value,
    );
    const sizes = ran.flatMap(({outputShapes}) => outputShapes.map(tf.util.sizeFromShape));
    expect(Math.max(...sizes)).toBeLessThanOrEqual(BATCH * 23 * 23);
  });

  test('keeps one tensor, and names what does not fit', () => {
    const [q, k] = projections();
    const spans = spanList(SPANS);
    expectTensorsKept(1, () => loss(spans, q, k));
    expect(() => loss(spanLabels(SPANS, {heads: 4, maskZero: false}), q, k)).toThrow(
      'globalPointerCrossentropy: expected spans of shape [2, 3, ?, 2], received shape [2, 4, 2, 2]. spanLabels and',
    );
    expect(() => loss(spans, q, k, {threshold: Number.NaN})).toThrow('expected threshold to be finite');
  });
});
