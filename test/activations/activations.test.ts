import {describe, expect, test} from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import {layers} from '@tensorflow/tfjs-layers';

import {squaredRelu, squareplus} from '../../src/activations/index.js';
import {expectClose, expectGradientClose, expectTensorsKept} from '../support/expect.js';
import {loadGolden} from '../support/golden.js';

interface Golden {
  squareplus: {x: number[]; b4: {y: number[]; dydx: number[]}; b_su: number; b_su_y: number[]};
}

describe('squaredRelu', () => {
  test('worked example and gradient', async () => {
    await expectClose(squaredRelu(tf.tensor1d([-2, 0, 0.5, 3])), [0, 0, 0.25, 9]);
    await expectGradientClose(tf.grad(squaredRelu)(tf.tensor1d([-2, 0, 0.5, 3])), [0, 0, 1, 6]);
  });
});

describe('squareplus', () => {
  test('values and slopes of an independent program, −10000 among them', async () => {
    const {x, b4, b_su, b_su_y} = (await loadGolden<Golden>('companions_values')).squareplus;
    const [y] = await Promise.all([squareplus(tf.tensor1d(x)).data()]);
    const slopes = await tf
      .grad((a: tf.Tensor) => squareplus(a))(tf.tensor1d(x))
      .data();
    x.forEach((_, i) => {
      expect(Math.abs(y[i] / b4.y[i] - 1)).toBeLessThan(1e-5);
      expect(Math.abs(slopes[i] / b4.dydx[i] - 1)).toBeLessThan(1e-5);
    });
    await expectClose(squareplus(tf.tensor1d(x), b_su), b_su_y);
  });

  test('keeps one tensor, and refuses b = 0', () => {
    const x = tf.ones([3]);
    expectTensorsKept(1, () => squareplus(x));
    expect(() => squareplus(x, 0)).toThrow('squareplus: expected b above 0, received 0.');
  });
});

test.each(['squaredRelu', 'squareplus'])('layers find %s by its name', async name => {
  const layer = layers.activation({activation: name as never});
  await expectClose(layer.apply(tf.tensor2d([[1]])) as tf.Tensor, [[name === 'squareplus' ? 1.618034 : 1]]);
});
