import * as tf from '@tensorflow/tfjs-core';

/** `[T, S]` bool, true where key j ≤ i + S − T: the last query sees every key. */
export function causalMask(queries: number, keys: number): tf.Tensor2D {
  const visible = new Uint8Array(queries * keys);
  for (let i = 0; i < queries; i++) {
    visible.fill(1, i * keys, i * keys + Math.max(0, Math.min(keys, i + 1 + keys - queries)));
  }
  return tf.tensor2d(visible, [queries, keys], 'bool');
}
