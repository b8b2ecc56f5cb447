import * as tf from '@tensorflow/tfjs-core';

import type {Projection} from '../../internal/projection.js';
import {dense} from '../dense/index.js';

/** A dense projection cut into heads: `[B, T, C]` → `[B, H, T, D]`. */
export function intoHeads(x: tf.Tensor, {kernel, bias}: Projection, heads: number): tf.Tensor4D {
  const [batch, length] = x.shape;
  const size = kernel.shape[1] / heads;
  return tf.transpose(tf.reshape(dense(x, kernel, bias), [batch, length, heads, size]), [0, 2, 1, 3]) as tf.Tensor4D;
}

/** Heads side by side, projected: `[B, H, T, D]` → `[B, T, U]`. */
export function outOfHeads(x: tf.Tensor4D, {kernel, bias}: Projection): tf.Tensor3D {
  const [batch, heads, length, size] = x.shape;
  const joined = tf.reshape(tf.transpose(x, [0, 2, 1, 3]), [batch, length, heads * size]);
  return dense(joined, kernel, bias) as tf.Tensor3D;
}
