import * as tf from '@tensorflow/tfjs-core';

import type {DepthwiseAttrs} from './name.js';

/** `y[b, t] = Σ_k kernel[k] ⊙ x[b, t + k · dilation − before]` as shifted products: the ground truth. */
export function depthwiseConv1dReference(x: tf.Tensor3D, kernel: tf.Tensor2D, attrs: DepthwiseAttrs): tf.Tensor3D {
  const products = shifts(x, attrs).map((shifted, k): tf.Tensor3D => tf.mul(shifted, tap(kernel, k)));
  return products.reduce((sum, product) => tf.add(sum, product)); // addN of 8 and more fails on webgpu without a word
}

/** The gradient of the kernel, `[K, C]`. */
export function depthwiseKernelGradientReference(x: tf.Tensor3D, dy: tf.Tensor3D, attrs: DepthwiseAttrs): tf.Tensor2D {
  return tf.stack(shifts(x, attrs).map(shifted => tf.sum(tf.mul(shifted, dy), [0, 1]))) as tf.Tensor2D;
}

/** `x` shifted by k · dilation − before for each tap k, zeros outside. */
function shifts(x: tf.Tensor3D, {taps, dilation, before}: DepthwiseAttrs): tf.Tensor3D[] {
  const length = x.shape[1];
  const padded = tf.pad(x, [
    [0, 0],
    [before, (taps - 1) * dilation - before],
    [0, 0],
  ]) as tf.Tensor3D;
  return Array.from({length: taps}, (_, k) => tf.slice(padded, [0, k * dilation, 0], [-1, length, -1]));
}

/** Row k of the kernel, `[1, C]`. */
const tap = (kernel: tf.Tensor2D, k: number): tf.Tensor2D => tf.slice(kernel, [k, 0], [1, -1]);
