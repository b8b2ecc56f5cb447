import * as tf from '@tensorflow/tfjs-core';

/** What tfjs hands to its kernel `BatchMatMul`. */
export interface ProductOperands {
  /** `[..., T, S]`, or `[..., S, T]` with `transposeA`; batch axes broadcast. */
  a: tf.TensorInfo;
  b: tf.TensorInfo;
  transposeA: boolean;
  transposeB: boolean;
}

/** Which matrix of a tensor with the batch axes `own` belongs to each index of the broadcast batch. */
export function matricesOf(own: number[], batch: number[]): Int32Array {
  const at = new Int32Array(tf.util.sizeFromShape(batch));
  const strides = [...tf.util.computeStrides(own), 1];
  const lead = batch.length - own.length;
  let repeat = at.length;
  for (const [axis, size] of batch.entries()) {
    repeat /= size;
    if (axis < lead || own[axis - lead] === 1) continue;
    for (let i = 0; i < at.length; i++) at[i] += (Math.floor(i / repeat) % size) * strides[axis - lead];
  }
  return at;
}
