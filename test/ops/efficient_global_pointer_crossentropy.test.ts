import {describe, expect, test} from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';

import {sparseGlobalPointerCrossentropyLoss} from '../../src/losses/sparse_global_pointer_crossentropy.js';
import {
  type EfficientGlobalPointerCrossentropyOptions,
  efficientGlobalPointerCrossentropy as loss,
} from '../../src/ops/efficient_global_pointer_crossentropy/index.js';
import {efficientGlobalPointerScores} from '../../src/ops/efficient_global_pointer_scores/index.js';
import {spanLabels} from '../../src/ops/span_labels/index.js';
import {expectClose, expectGradientClose, expectTensorsKept, normal} from '../support/expect.js';

type Factors = [tf.Tensor3D, tf.Tensor3D, tf.Tensor3D];

const span = (head: number, start: number, end: number) => ({head, start, end});

/** Two samples with nested spans, one cell of two types, and a span that is listed twice. */
const SPANS = [
  [span(0, 1, 2), span(1, 1, 2), span(2, 0, 4), span(2, 0, 4)],
  [span(1, 3, 3), span(0, 3, 4)],
];

const factors = (amplitude: number): Factors => [
  normal([2, 5, 4], 1, amplitude),
  normal([2, 5, 4], 2, amplitude),
  normal([2, 5, 6], 3, amplitude),
];

/** The loss of the whole scores. Impossible cells are −Infinity there. */
function dense(
  spans: tf.Tensor4D,
  [q, k, bias]: Factors,
  {maskZero, reduction, ...options}: EfficientGlobalPointerCrossentropyOptions,
): tf.Tensor {
  const scores = efficientGlobalPointerScores(q, k, bias, options);
  return sparseGlobalPointerCrossentropyLoss({maskZero, reduction})(spans, scores);
}

async function expectSame(
  spans: tf.Tensor4D,
  inputs: Factors,
  options: EfficientGlobalPointerCrossentropyOptions,
): Promise<void> {
  const total = (run: (...inputs: Factors) => tf.Tensor) => tf.valueAndGrads((...x) => tf.sum(run(...(x as Factors))));
  const got = total((...x) => loss(spans, ...x, options))(inputs);
  const want = total((...x) => dense(spans, x, options))(inputs);
  await expectClose(got.value, want.value);
  for (const [i, gradient] of got.grads.entries()) await expectGradientClose(gradient, want.grads[i]);
}

describe('efficientGlobalPointerCrossentropy', () => {
  test.each([0.5, 3, 10])('equals the loss of the whole scores, amplitude %d', async amplitude => {
    await expectSame(spanLabels(SPANS, {heads: 3}), factors(amplitude), {});
  });

  test('with padding, all cells, the span (0, 0), another scale and reduction', async () => {
    const mask = tf.tensor2d([1, 1, 1, 1, 1, 1, 1, 1, 1, 0], [2, 5], 'int32');
    const spans = spanLabels([SPANS[0], [span(1, 3, 3)]], {heads: 3, maskZero: false});
    await expectSame(spans, factors(1), {mask, scale: 0.3, maskZero: false, reduction: 'none'});
    const pairs = spanLabels([[span(0, 3, 1), span(1, 0, 0)], []], {heads: 3, maskZero: false});
    await expectSame(pairs, factors(1), {trilMask: false, maskZero: false, reduction: 'mean'});
  });

  test('confident labels cost next to nothing, and push nothing', async () => {
    const ends = tf.buffer([1, 3, 2]);
    ends.set(40, 0, 2, 0); // score of +20 at the column 2, −20 elsewhere
    const bias = tf.sub(ends.toTensor(), 10) as tf.Tensor3D;
    const q = tf.zeros([1, 3, 2]) as tf.Tensor3D;
    const all = [span(0, 0, 2), span(0, 1, 2), span(0, 2, 2)];
    const labels = spanLabels([all], {heads: 1});
    const {value, grad} = tf.valueAndGrad(x => tf.sum(loss(labels, q, q, x as tf.Tensor3D)))(bias);
    await expectClose(value, 0);
    await expectGradientClose(grad, tf.zeros([1, 3, 2]));
  });

  test('keeps one tensor, and names what does not fit', () => {
    const [q, k, bias] = factors(1);
    const spans = spanLabels(SPANS, {heads: 3});
    expectTensorsKept(1, () => loss(spans, q, k, bias));
    expect(() => loss(spanLabels(SPANS, {heads: 4}), q, k, bias)).toThrow(
      'efficientGlobalPointerCrossentropy: expected labels of shape [2, 3, ?, 2], received shape [2, 4, 2, 2]. ' +
        'spanLabels and spanList make them.',
    );
  });
});
