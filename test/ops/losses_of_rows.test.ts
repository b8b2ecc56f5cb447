import {describe, expect} from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';

import {setFused} from '../../src/internal/kernels.js';
import {focalCrossentropy} from '../../src/ops/focal_crossentropy/index.js';
import {marginSoftmax} from '../../src/ops/margin_softmax/index.js';
import {multilabelCrossentropy} from '../../src/ops/multilabel_crossentropy/index.js';
import {bernoulliSymmetricKl, softmaxSymmetricKl} from '../../src/ops/symmetric_kl/index.js';
import {testOn} from '../support/backend.js';
import {expectClose} from '../support/expect.js';
import {peakBytes} from '../support/peak_bytes.js';

const [ROWS, COLUMNS] = [25, 2 ** 14 + 1];
const BYTES = 4 * ROWS * COLUMNS;

/** Beside the gradients: temporaries of a piece of 2¹⁶ elements on tensorflow, sums of 64 elements each on webgl. */
const BOUND = 8e6;

type Loss = (x: tf.Tensor2D, labels: tf.Tensor) => tf.Tensor;

const LOSSES: Record<string, Loss> = {
  multilabelCrossentropy: (x, labels) =>
    multilabelCrossentropy(labels, x, {form: 'dense', threshold: 0, maskZero: false, side: 0}),
  marginSoftmax: (x, labels) => marginSoftmax(labels, x, {kind: 'angular', margin: 0.3, scale: 20}),
  focalCrossentropy: (x, labels) => focalCrossentropy(labels, x, {alpha: 0.25, gamma: 2}),
};

const KLS = {bernoulliSymmetricKl, softmaxSymmetricKl};

/** Numbers between −1 and 1 without a pattern, made on the backend. */
const numbers = (factor: number): tf.Tensor2D => {
  const steps = tf.reshape(tf.range(0, ROWS * COLUMNS), [ROWS, COLUMNS]) as tf.Tensor2D;
  return tf.sub(tf.mod(tf.mul(tf.mod(steps, 9973), factor), 1.9), 0.95);
};

async function expectSame(got: tf.Tensor, want: tf.Tensor): Promise<void> {
  const [difference, largest] = [tf.max(tf.abs(tf.sub(got, want))), tf.max(tf.abs(want))];
  expect((await difference.data())[0]).toBeLessThan(1e-4 * (await largest.data())[0]);
}

const byRow = (loss: tf.Tensor) => tf.mul(tf.range(1, ROWS + 1), loss);

describe('losses of rows in several pieces', () => {
  testOn('cpu', 'wasm', 'tensorflow', 'webgl').each(Object.entries(LOSSES))(
    '%s agrees with composed ops and needs memory for the gradient',
    async (_, loss) => {
      const x = numbers(0.37);
      const labels = tf.cast(tf.greater(numbers(0.73), 0.9), 'float32');
      const run = () => tf.valueAndGrad(x => tf.sum(byRow(loss(x as tf.Tensor2D, labels))))(x);
      const fused = run();
      expect(peakBytes(run)).toBeLessThan(BYTES + BOUND);
      setFused(false);
      try {
        expect(peakBytes(run)).toBeGreaterThan(6 * BYTES);
        const composed = run();
        await expectClose(fused.value, composed.value);
        await expectSame(fused.grad, composed.grad);
      } finally {
        setFused(true);
      }
    },
  );

  testOn('cpu', 'wasm', 'tensorflow', 'webgl').each(Object.entries(KLS))(
    '%s agrees with composed ops and needs memory for both gradients',
    async (_, kl) => {
      const [a, b] = [numbers(0.37), numbers(0.73)];
      const run = () => tf.valueAndGrads((a, b) => tf.sum(byRow(kl(a as tf.Tensor2D, b as tf.Tensor2D))))([a, b]);
      const fused = run();
      expect(peakBytes(run)).toBeLessThan(2 * BYTES + BOUND);
      setFused(false);
      try {
        const composed = run();
        await expectClose(fused.value, composed.value);
        for (const [i, grad] of fused.grads.entries()) await expectSame(grad, composed.grads[i]);
      } finally {
        setFused(true);
      }
    },
  );
});
