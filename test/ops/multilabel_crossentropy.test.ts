import {afterEach, describe, expect, test} from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';

import {report, setFused} from '../../src/internal/kernels.js';
import {multilabelCrossentropy} from '../../src/ops/multilabel_crossentropy/index.js';
import {MULTILABEL_CROSSENTROPY, type MultilabelAttrs} from '../../src/ops/multilabel_crossentropy/name.js';
import {testOn} from '../support/backend.js';
import {expectClose, expectGradientClose, normal} from '../support/expect.js';
import {peakBytes} from '../support/peak_bytes.js';

const DENSE: MultilabelAttrs = {form: 'dense', threshold: 0.25, maskZero: false, side: 0};

/** Loss and gradient, weighted by row. */
function both(labels: tf.Tensor, logits: tf.Tensor2D, attrs: MultilabelAttrs) {
  const weights = tf.range(1, logits.shape[0] + 1);
  const {value, grad} = tf.valueAndGrad(s =>
    tf.sum(tf.mul(weights, multilabelCrossentropy(labels, s as tf.Tensor2D, attrs))),
  )(logits);
  return {value, grad};
}

async function expectFusedIsReference(labels: tf.Tensor, logits: tf.Tensor2D, attrs: MultilabelAttrs): Promise<void> {
  const fused = both(labels, logits, attrs);
  setFused(false);
  const reference = both(labels, logits, attrs);
  setFused(true);
  await expectClose(fused.value, reference.value);
  await expectGradientClose(fused.grad, reference.grad);
}

/** Every third logit of −Infinity, large and small others. */
function wildLogits(rows: number, classes: number, seed: number): tf.Tensor2D {
  const values = tf.mul(normal([rows, classes], seed), 20) as tf.Tensor2D;
  const absent = tf.equal(tf.mod(tf.reshape(tf.range(0, rows * classes), [rows, classes]), 3), 2);
  return tf.where(absent, tf.fill([rows, classes], Number.NEGATIVE_INFINITY), values) as tf.Tensor2D;
}

describe('multilabelCrossentropy', () => {
  afterEach(() => setFused(true));

  test.each([
    [1, 1],
    [3, 129],
    [2, 8192],
    [2, 8197],
    [5, 7],
    [3, 32771],
  ])('fused equals reference: %i rows of %i soft labels', async (rows, classes) => {
    const labels = tf.clipByValue(normal([rows, classes], 1), 0, 1);
    await expectFusedIsReference(labels, wildLogits(rows, classes, 2), DENSE);
  });

  test.each([
    [3, 5, -0.5],
    [9, 33001, 0.25],
    [2, 7, 40],
  ])(
    'fused equals reference: %i rows of %i soft labels, all classes present, threshold %d',
    async (rows, classes, threshold) => {
      const labels = normal([rows, classes], 10);
      await expectFusedIsReference(labels, tf.mul(normal([rows, classes], 11), 6), {...DENSE, threshold});
    },
  );

  testOn('tensorflow')('soft labels need memory for the gradient', () => {
    const logits = normal([24, 2 ** 16], 12);
    const labels = tf.sigmoid(logits);
    const run = () => both(labels, logits as tf.Tensor2D, DENSE);
    expect(peakBytes(run)).toBeLessThan(4 * logits.size + 12e6);
    setFused(false);
    expect(peakBytes(run)).toBeGreaterThan(6 * 4 * logits.size);
  });

  test.each(['int32', 'bool'] as const)('fused equals reference: labels of dtype %s', async dtype => {
    const labels = tf.cast(tf.greater(normal([3, 11], 3), 0), dtype);
    await expectFusedIsReference(labels, wildLogits(3, 11, 4), DENSE);
  });

  test('fused equals reference: few true classes, rows in several pieces, an absent one among the true', async () => {
    const labels = tf.cast(tf.greater(normal([5, 33001], 8), 3), 'float32');
    await expectFusedIsReference(labels, wildLogits(5, 33001, 9), DENSE);
  });

  test('listed classes, once however often listed, equal dense labels', async () => {
    const indices = tf.tensor2d([5, 5, 1, -1, 8196, 0, 8192, 9000], [2, 4], 'int32');
    const logits = normal([2, 8197], 5) as tf.Tensor2D;
    const dense = tf.buffer([2, 8197]);
    for (const [row, column] of [
      [0, 5],
      [0, 1],
      [1, 8196],
      [1, 0],
      [1, 8192],
    ])
      dense.set(1, row, column);
    const [sparse, want] = [both(indices, logits, {...DENSE, form: 'indices'}), both(dense.toTensor(), logits, DENSE)];
    await expectClose(sparse.value, want.value);
    await expectGradientClose(sparse.grad, want.grad);
    await expectFusedIsReference(indices, logits, {...DENSE, form: 'indices', maskZero: true});
  });

  test('spans are cells of the square, and those outside it are padding', async () => {
    const spans = tf.tensor3d([0, 0, 1, 2, 3, 0, 1, -1, -1, 2, 0, 4], [2, 3, 2], 'int32');
    const cells = tf.tensor2d([0, 6, 12, -1, -1, -1], [2, 3], 'int32');
    const logits = normal([2, 16], 6) as tf.Tensor2D;
    const attrs = {...DENSE, side: 4};
    const [fromSpans, fromCells] = [
      both(spans, logits, {...attrs, form: 'spans'}),
      both(cells, logits, {...attrs, form: 'indices'}),
    ];
    await expectClose(fromSpans.value, fromCells.value);
    await expectGradientClose(fromSpans.grad, fromCells.grad);
    await expectFusedIsReference(spans, logits, {...attrs, form: 'spans', maskZero: true});
  });

  test('a NaN logit shows in the loss', async () => {
    setFused(false);
    const logits = tf.tensor2d([[1, Number.NaN, 0]]);
    const [value] = await multilabelCrossentropy(tf.zeros([1, 3]), logits, DENSE).data();
    expect(Number.isNaN(value)).toBe(true);
  });

  test('runs the fused kernel', async () => {
    const loss = multilabelCrossentropy(tf.zeros([2, 3]), tf.zeros([2, 3]), DENSE);
    expect(report().find(({op}) => op === MULTILABEL_CROSSENTROPY)?.path).toBe('fused');
    await expectClose(loss, [Math.log(1 + 3 * Math.exp(-0.25)), Math.log(1 + 3 * Math.exp(-0.25))]);
  });
});
