import type * as tf from '@tensorflow/tfjs-core';

import {hostMemory} from '../host_memory.js';

/** Numbers of a pair of vectors. */
const LANES = 8;

/** A mask `[B, T]` as modules read it: 0 or 1, and rows of whole pairs of vectors. */
export interface MaskRows {
  values: Float32Array;
  /** Numbers of a row. */
  line: number;
  /** Bytes of a row. */
  rowBytes: number;
}

/** Reads a mask on `cpu` or `wasm`. */
export function maskRows(mask: tf.TensorInfo, backend: object): MaskRows {
  const [batch, length] = mask.shape;
  const line = Math.ceil(length / LANES) * LANES;
  const values = new Float32Array(batch * line);
  for (const [at, value] of hostMemory(backend).view(mask).entries()) {
    if ((value | 0) !== 0) values[Math.floor(at / length) * line + (at % length)] = 1;
  }
  return {values, line, rowBytes: values.BYTES_PER_ELEMENT * line};
}
