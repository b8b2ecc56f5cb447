import {describe} from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';

import {setUpTfjs} from '../../../src/internal/setup.js';
import {testOn} from '../../support/backend.js';
import {expectClose, expectGradientClose, normal} from '../../support/expect.js';

setUpTfjs();

const CASES: [strides: [number, number], pad: 'same' | 'valid'][] = [
  [[1, 1], 'same'],
  [[1, 1], 'valid'],
  [[2, 3], 'same'],
  [[2, 3], 'valid'],
];

/** The gradient of a function that is linear in x: its value at each unit vector. */
function gradientOfLinear(f: (x: tf.Tensor) => tf.Tensor, shape: number[]): tf.Tensor {
  return tf.tidy(() => {
    const units = tf.unstack(tf.eye(tf.util.sizeFromShape(shape)));
    return tf.reshape(tf.stack(units.map(unit => f(tf.reshape(unit, shape)))), shape);
  });
}

describe('gradients of convolutions', () => {
  testOn('cpu', 'wasm').each(CASES)('conv2d, strides %j, padding %j', async (strides, pad) => {
    const [x, filter] = [normal<tf.Rank.R4>([2, 5, 7, 2], 1), normal<tf.Rank.R4>([3, 2, 2, 3], 2)];
    const dy = normal(tf.conv2d(x, filter, strides, pad).shape, 3);
    const f = (w: tf.Tensor) => tf.sum(tf.mul(tf.conv2d(x, w as tf.Tensor4D, strides, pad), dy));
    await expectGradientClose(tf.grad(f)(filter), gradientOfLinear(f, filter.shape));
  });

  testOn('cpu', 'wasm').each(CASES)('depthwiseConv2d, strides %j, padding %j', async (strides, pad) => {
    const [x, filter] = [normal<tf.Rank.R4>([2, 4, 5, 2], 1), normal<tf.Rank.R4>([3, 2, 2, 3], 2)];
    const dy = normal(tf.depthwiseConv2d(x, filter, strides, pad).shape, 3);
    const f = (a: tf.Tensor, w: tf.Tensor) =>
      tf.sum(tf.mul(tf.depthwiseConv2d(a as tf.Tensor4D, w as tf.Tensor4D, strides, pad), dy));
    const [dx, dw] = tf.grads(f)([x, filter]);
    await expectGradientClose(
      dx,
      gradientOfLinear(a => f(a, filter), x.shape),
    );
    await expectGradientClose(
      dw,
      gradientOfLinear(w => f(x, w), filter.shape),
    );
  });

  testOn('cpu', 'wasm')('channels first', async () => {
    const [x, dy] = [normal([2, 5, 7, 2], 1), normal([2, 3, 6, 3], 2)];
    const attrs = {strides: 1, pad: 'valid', filterShape: [3, 2, 2, 3]};
    const run = (inputs: tf.NamedTensorMap, dataFormat: string): tf.Tensor =>
      tf.engine().runKernel('Conv2DBackpropFilter', inputs, {...attrs, dataFormat});
    const toFirst = (t: tf.Tensor) => tf.transpose(t, [0, 3, 1, 2]);
    await expectClose(run({x: toFirst(x), dy: toFirst(dy)}, 'NCHW'), run({x, dy}, 'NHWC'));
  });
});
