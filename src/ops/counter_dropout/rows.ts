import * as tf from '@tensorflow/tfjs-core';

import {mix} from '../../internal/counter_random.js';
import {dropThreshold, GOLDEN_RATIO} from './reference.js';

/** Rows `from` to `from + rows` and the first `columns` columns of each matrix. */
export interface RowBlock {
  from: number;
  rows: number;
  columns: number;
}

/** A block of the rows of `counterDropout(shape, rate, seed)`, the same bits, without the rest of it. */
export function counterDropoutOfRows(
  shape: readonly number[],
  {from, rows, columns}: RowBlock,
  rate: number,
  seed: number,
): tf.Tensor {
  const lead = shape.slice(0, -2);
  const [height, width] = shape.slice(-2);
  const matrices = tf.util.sizeFromShape([...lead]);
  const factor = new Float32Array(matrices * rows * columns);
  const threshold = dropThreshold(rate);
  const kept = 1 / (1 - rate);
  const key = mix(seed >>> 0);
  for (let row = 0; row < matrices * rows; row++) {
    const first = (Math.floor(row / rows) * height + from + (row % rows)) * width;
    for (let column = 0; column < columns; column++) {
      const index = Math.imul(first + column, GOLDEN_RATIO);
      if (mix(index ^ key) >= threshold) factor[row * columns + column] = kept;
    }
  }
  return tf.tensor(factor, [...lead, rows, columns]);
}
