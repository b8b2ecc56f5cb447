import * as tf from '@tensorflow/tfjs-core';

import {readGoldenFile} from './golden_file.js';

/** A tensor of a golden file; non-finite numbers are the strings "NaN", "Infinity" and "-Infinity". */
export interface GoldenTensor {
  shape: number[];
  dtype: 'float64' | 'float32' | 'int32' | 'bool';
  data: (number | string)[];
}

/** Reads `test/golden/<path>.json`. */
export async function loadGolden<T = unknown>(path: string): Promise<T> {
  return JSON.parse(await readGoldenFile(path)) as T;
}

/** float64 values become float32 tensors: the inputs are exact in float32. */
export function goldenTensor<R extends tf.Rank = tf.Rank>({shape, dtype, data}: GoldenTensor): tf.Tensor<R> {
  return tf.tensor(data.map(Number), shape as tf.ShapeMap[R], dtype === 'float64' ? 'float32' : dtype);
}
