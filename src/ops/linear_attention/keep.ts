import * as tf from '@tensorflow/tfjs-core';

/** Mask `[B, S]` → `[B, S, 1]` or `[B, 1, S, 1]`, 0 and 1. */
export function keepOf(mask: tf.Tensor, rank: number): tf.Tensor {
  const kept = mask.dtype === 'bool' ? mask : tf.notEqual(mask, 0);
  const ones = tf.mul(tf.cast(kept, 'float32'), 1); // webgpu cannot transpose what was only cast
  const [batch, keys] = mask.shape;
  return tf.reshape(ones, [batch, ...(rank === 4 ? [1] : []), keys, 1]);
}
