import {afterEach, describe, expect, test} from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';

import {report, setFused} from '../../src/internal/kernels.js';
import {marginSoftmax} from '../../src/ops/margin_softmax/index.js';
import {MARGIN_SOFTMAX, type MarginAttrs} from '../../src/ops/margin_softmax/name.js';
import {expectDerivatives} from '../support/derivatives.js';
import {expectClose, expectGradientClose, normal} from '../support/expect.js';

const KINDS = ['additive', 'angular', 'fourfold'] as const;

/** Loss and gradient, weighted by row. */
function both(labels: tf.Tensor, cosines: tf.Tensor, attrs: MarginAttrs) {
  const weights = tf.range(1, cosines.shape[0] + 1);
  return tf.valueAndGrad(x => tf.sum(tf.mul(weights, marginSoftmax(labels, x as tf.Tensor2D, attrs))))(cosines);
}

async function expectFusedIsReference(labels: tf.Tensor, cosines: tf.Tensor, attrs: MarginAttrs): Promise<void> {
  const fused = both(labels, cosines, attrs);
  setFused(false);
  const reference = both(labels, cosines, attrs);
  await expectClose(fused.value, reference.value);
  await expectGradientClose(fused.grad, reference.grad);
}

describe('marginSoftmax', () => {
  afterEach(() => setFused(true));

  test.each([
    [1, 1],
    [3, 5],
    [2, 131],
  ])('fused equals reference: %i rows of %i classes, every margin, numbers and degrees', async (rows, classes) => {
    const cosines = tf.mul(tf.tanh(normal([rows, classes], 1)), 0.95);
    const numbers = tf.tensor1d(
      Array.from({length: rows}, (_, row) => (row === 2 ? -1 : (3 * row) % classes)),
      'int32',
    );
    const degrees = tf.softmax(normal([rows, classes], 2));
    for (const kind of KINDS) {
      const flags = tf.cast(tf.equal(tf.expandDims(numbers, 1), tf.range(0, classes, 1, 'int32')), 'bool');
      for (const labels of [numbers, degrees, flags]) {
        setFused(true);
        await expectFusedIsReference(labels, cosines, {kind, margin: 0.3, scale: 20});
      }
    }
  });

  test.each(KINDS)('has first and second derivatives: %s', async kind => {
    const [rows, classes] = [3, 5];
    const cosines = tf.mul(tf.tanh(normal([rows, classes], 5)), 0.8);
    for (const labels of [tf.tensor1d([3, 0, 4], 'int32'), tf.softmax(normal([rows, classes], 6))]) {
      const weights = tf.tensor1d([1, -2, 3]);
      const of = (x: tf.Tensor) =>
        tf.sum(tf.mul(weights, marginSoftmax(labels, x as tf.Tensor2D, {kind, margin: 0.3, scale: 4})));
      await expectDerivatives(of, cosines, tf.mul(normal([rows, classes], 7), 0.1));
    }
  });

  test('class numbers are one-hot rows; a number that is no class costs nothing', async () => {
    const cosines = tf.tanh(normal([3, 4], 3));
    const attrs = {kind: 'additive', margin: 0.2, scale: 10} as const;
    const fromNumbers = both(tf.tensor1d([2, 4, 0], 'int32'), cosines, attrs);
    const fromRows = both(tf.tensor2d([0, 0, 1, 0, 0, 0, 0, 0, 1, 0, 0, 0], [3, 4]), cosines, attrs);
    await expectClose(fromNumbers.value, fromRows.value);
    await expectGradientClose(fromNumbers.grad, fromRows.grad);
    await expectGradientClose(tf.slice(fromNumbers.grad, [1, 0], [1, 4]), tf.zeros([1, 4]));
  });

  test('runs the fused kernel', async () => {
    await marginSoftmax(tf.tensor1d([0], 'int32'), tf.zeros([1, 2]), {kind: 'additive', margin: 0, scale: 1}).data();
    expect(report().find(({op}) => op === MARGIN_SOFTMAX)?.path).toBe('fused');
  });
});
