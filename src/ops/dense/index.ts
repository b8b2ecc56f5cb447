import * as tf from '@tensorflow/tfjs-core';

import {check, checkShape} from '../../internal/check.js';

/**
 * `y = x W + b` over the last axis.
 *
 * @param x `[..., C]`, float32, rank ≥ 2.
 * @param kernel `[C, U]`.
 * @param bias `[U]`, optional.
 * @returns `[..., U]`.
 * @throws RangeError when the last axis of `x` is not the first of `kernel`.
 */
export function dense(x: tf.Tensor, kernel: tf.Tensor2D, bias?: tf.Tensor1D): tf.Tensor {
  const [inputSize, units] = kernel.shape;
  check(x.rank >= 2, 'dense', 'x of rank 2 or more', x);
  checkShape(x.shape.slice(-1), [inputSize], 'dense', 'the last axis of x');
  const rows = (x.rank === 2 ? x : tf.reshape(x, [-1, inputSize])) as tf.Tensor2D;
  const y = bias === undefined ? product(rows, kernel) : productWithBias(rows, kernel, bias);
  return x.rank === 2 ? y : tf.reshape(y, [...x.shape.slice(0, -1), units]);
}

const product = tf.customGrad((x, kernel, save) => {
  (save as tf.GradSaveFunc)([x as tf.Tensor, kernel as tf.Tensor]);
  return {
    value: tf.matMul(x as tf.Tensor2D, kernel as tf.Tensor2D),
    gradFunc: (dy: tf.Tensor, [x, kernel]: tf.Tensor[]) => productGradients(dy as tf.Tensor2D, x, kernel),
  };
}) as (x: tf.Tensor2D, kernel: tf.Tensor2D) => tf.Tensor2D;

const productWithBias = tf.customGrad((x, kernel, bias, save) => {
  (save as tf.GradSaveFunc)([x as tf.Tensor, kernel as tf.Tensor]);
  return {
    value: tf.fused.matMul({a: x as tf.Tensor2D, b: kernel as tf.Tensor2D, bias: bias as tf.Tensor1D}),
    gradFunc: (dy: tf.Tensor, [x, kernel]: tf.Tensor[]) => [
      ...productGradients(dy as tf.Tensor2D, x, kernel),
      tf.sum(dy, 0),
    ],
  };
}) as (x: tf.Tensor2D, kernel: tf.Tensor2D, bias: tf.Tensor1D) => tf.Tensor2D;

const productGradients = (dy: tf.Tensor2D, x: tf.Tensor, kernel: tf.Tensor): tf.Tensor[] => [
  tf.matMul(dy, kernel as tf.Tensor2D, false, true),
  tf.matMul(x as tf.Tensor2D, dy, true, false),
];
