import * as tf from '@tensorflow/tfjs-core';

/** Mask `[B, S]` → `[B, S, 1]` or `[B, 1, S, 1]`, 0 and 1. */
export function keepOf(mask: tf.Tensor, rank: number): tf.Tensor {
  const ones = mask.dtype === 'bool' ? tf.cast(mask, 'float32') : tf.cast(tf.notEqual(mask, 0), 'float32');
  const [batch, keys] = mask.shape;
  return tf.reshape(ones, [batch, ...(rank === 4 ? [1] : []), keys, 1]);
}
