import {describe, expect, test} from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';

import {setUpTfjs} from '../../../src/internal/setup.js';
import {expectGradientClose, normal} from '../../support/expect.js';

setUpTfjs();

describe('gradient of gather', () => {
  test.each([0, 1, 2])('along axis %i', async axis => {
    const x = normal([3, 5, 2], 1);
    const indices = tf.tensor2d([[1, 0, 1]], [1, 3], 'int32');
    const shape = [...x.shape.slice(0, axis), 1, 3, ...x.shape.slice(axis + 1)];
    const dy = normal(shape, 2);
    const gradient = tf.grad((a: tf.Tensor) => tf.sum(tf.mul(tf.gather(a, indices, axis), dy)))(x);

    const rows = tf.unstack(tf.reshape(dy, [...x.shape.slice(0, axis), 3, ...x.shape.slice(axis + 1)]), axis);
    const zeros = tf.zerosLike(rows[0]);
    const sums = [rows[1], tf.add(rows[0], rows[2]), ...Array(x.shape[axis] - 2).fill(zeros)];
    await expectGradientClose(gradient, tf.stack(sums, axis));
  });

  test('of a scalar index', async () => {
    const gradient = tf.grad((a: tf.Tensor) => tf.sum(tf.gather(a, tf.scalar(1, 'int32'))))(tf.ones([3, 2]));
    await expectGradientClose(gradient, tf.tensor2d([0, 0, 1, 1, 0, 0], [3, 2]));
  });

  test('transposes nothing along axis 0', async () => {
    const indices = tf.zeros([3], 'int32') as tf.Tensor1D;
    const {kernelNames} = await tf.profile(() =>
      tf.grad((x: tf.Tensor) => tf.sum(tf.gather(x, indices)))(tf.zeros([4, 2])),
    );
    expect(kernelNames).toContain('UnsortedSegmentSum');
    expect(kernelNames).not.toContain('Transpose');
  });
});
