import {describe, expect, test} from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';

import {report} from '../../src/internal/kernels.js';
import {dense} from '../../src/ops/dense/index.js';
import {DENSE, DENSE_GRADIENT} from '../../src/ops/dense/name.js';
import {testOn} from '../support/backend.js';
import {expectClose, expectGradientClose, normal} from '../support/expect.js';
import {expectFusedIsComposed} from '../support/fused.js';

describe('dense', () => {
  test('equals a product over the last axis, with its gradients', async () => {
    const [x, kernel, bias] = [normal([2, 3, 5], 1), normal([5, 7], 2) as tf.Tensor2D, normal([7], 3) as tf.Tensor1D];
    const plain = (x: tf.Tensor, kernel: tf.Tensor, bias: tf.Tensor) =>
      tf.reshape(tf.add(tf.matMul(tf.reshape(x, [6, 5]), kernel as tf.Tensor2D), bias), [2, 3, 7]);
    const ours = (x: tf.Tensor, kernel: tf.Tensor, bias: tf.Tensor) => dense(x, kernel as never, bias as never);
    const dy = normal([2, 3, 7], 4);
    const [got, want] = [ours, plain].map(f => tf.valueAndGrads(f)([x, kernel, bias], dy));
    await expectClose(got.value, want.value);
    for (const [i, gradient] of got.grads.entries()) await expectGradientClose(gradient, want.grads[i]);
  });

  testOn('tensorflow', 'wasm', 'cpu').each([[[17, 5]], [[2, 67, 5]], [[2, 1, 11, 5]]])(
    'the fused kernel equals composed ops, shape %j',
    async shape => {
      const [kernel, bias] = [normal([5, 7], 5) as tf.Tensor2D, normal([7], 6) as tf.Tensor1D];
      await expectFusedIsComposed(DENSE, () => dense(normal(shape, 7), kernel, bias));
      await expectFusedIsComposed(DENSE, () => dense(normal(shape, 7), kernel));
    },
  );

  testOn('tensorflow', 'wasm', 'cpu').each([[[17, 5]], [[2, 67, 5]], [[2, 1, 11, 5]]])(
    'the fused gradients equal composed ops, shape %j',
    async shape => {
      const [kernel, bias] = [normal([5, 7], 5) as tf.Tensor2D, normal([7], 6) as tf.Tensor1D];
      const [x, dy] = [normal(shape, 7), normal([...shape.slice(0, -1), 7], 8)];
      const gradients = tf.grads((x, kernel, bias) => dense(x, kernel as tf.Tensor2D, bias as tf.Tensor1D));
      for (const i of [0, 1, 2]) {
        await expectFusedIsComposed(DENSE_GRADIENT, () => gradients([x, kernel, bias], dy)[i]);
      }
      const withoutBias = tf.grads((x, kernel) => dense(x, kernel as tf.Tensor2D));
      await expectFusedIsComposed(DENSE_GRADIENT, () => withoutBias([x, kernel], dy)[1]);
    },
  );

  testOn('wasm', 'cpu')('is right beyond the blocks that are packed at once', async () => {
    const [x, kernel, bias] = [normal([67, 259], 1), normal([259, 515], 2) as tf.Tensor2D, normal([515], 3)];
    const ours = (x: tf.Tensor, kernel: tf.Tensor, bias: tf.Tensor) => dense(x, kernel as never, bias as never);
    await expectFusedIsComposed(DENSE, () => ours(x, kernel, bias));
    for (const i of [0, 1, 2]) {
      await expectFusedIsComposed(DENSE_GRADIENT, () => tf.grads(ours)([x, kernel, bias], normal([67, 515], 4))[i]);
    }
  });

  testOn('wasm')('leaves few rows to the library, and says so', () => {
    dense(normal([3, 5], 1), normal([5, 7], 2) as tf.Tensor2D);
    expect(report().find(({op}) => op === DENSE)).toMatchObject({path: 'composed', reason: 'fewer than 16 rows'});
    dense(normal([16, 5], 1), normal([5, 7], 2) as tf.Tensor2D);
    expect(report().find(({op}) => op === DENSE)?.reason).toMatch(/^kernel AddonsDense for wasm, (relaxed )?SIMD,/);
  });

  test('has second-order gradients', async () => {
    const kernel = normal([5, 7], 5) as tf.Tensor2D;
    const squared = (f: (x: tf.Tensor) => tf.Tensor) => (x: tf.Tensor) => tf.sum(tf.square(tf.grad(f)(x)));
    const ours = (x: tf.Tensor) => tf.square(dense(x, kernel));
    const plain = (x: tf.Tensor) => tf.square(tf.matMul(x as tf.Tensor2D, kernel));
    const x = normal([3, 5], 7);
    await expectGradientClose(tf.grad(squared(ours))(x), tf.grad(squared(plain))(x));
  });

  test('says what it expected', () => {
    expect(() => dense(tf.ones([2, 3]), tf.ones([4, 5]))).toThrow('dense: expected the last axis of x of shape [4]');
  });
});
