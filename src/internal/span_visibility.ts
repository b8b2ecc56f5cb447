import * as tf from '@tensorflow/tfjs-core';

/** Mask values so far from scores that adding one hides the score. */
export const MASK_VALUES = [Number.NEGATIVE_INFINITY, -1e4] as const;

/**
 * 1 where the span (start i, end j) is possible, `[1 | B, T, T]`: both ends unpadded, and j ≥ i with `trilMask`.
 * `undefined` when every cell is possible.
 */
export function spanVisibility(
  length: number,
  mask: tf.Tensor | undefined,
  trilMask: boolean,
): tf.Tensor3D | undefined {
  if (mask === undefined && !trilMask) return undefined;
  const upper = trilMask ? tf.tensor3d(upperTriangle(length), [1, length, length]) : undefined;
  if (mask === undefined) return upper;
  const keep = tf.cast(tf.notEqual(tf.cast(mask, 'int32'), 0), 'float32');
  const both = tf.mul(tf.expandDims(keep, 2), tf.expandDims(keep, 1)) as tf.Tensor3D;
  return upper === undefined ? both : tf.mul(both, upper);
}

function upperTriangle(length: number): Float32Array {
  const ones = new Float32Array(length * length);
  for (let i = 0; i < length; i++) ones.fill(1, i * length + i, (i + 1) * length);
  return ones;
}

/** `maskValue` where `keep` is 0, else 0: adding it blanks the impossible cells, also with −Infinity. */
export function blankCells(keep: tf.Tensor, maskValue: number): tf.Tensor {
  if (Number.isFinite(maskValue)) return tf.mul(tf.sub(1, keep), maskValue);
  return tf.where(tf.greater(keep, 0), tf.zerosLike(keep), tf.fill(keep.shape, maskValue));
}
