import * as tf from '@tensorflow/tfjs-core';

import {TensorflowOps} from './tensorflow_ops.js';

/**
 * Elements of a piece of a tensor that is gone through piece by piece: 1 MB of numbers, little beside large tensors,
 * and enough for an op of TensorFlow to cost more than its call.
 */
export const PIECE = 2 ** 18;

/** How many rows each piece of `[rows, columns]` has: as many as have 2¹⁸ elements, but one at least. */
export function pieceSizes(rows: number, columns: number, elements: number = PIECE): number[] {
  const most = Math.max(1, Math.floor(elements / Math.max(1, columns)));
  return Array.from({length: Math.ceil(rows / most)}, (_, i) => Math.min(most, rows - i * most));
}

/** Elements of a piece from which composed ops make a dozen temporaries. */
const COMPOSED_PIECE = 2 ** 16;

/**
 * `compute` of some rows of `inputs` at a time, on tensorflow: its temporaries are those of a piece, or of a row, and what
 * it returns is written into the results in place.
 *
 * @param inputs `[R, ...]` each.
 * @param columns Elements of a row, by which the pieces are cut.
 * @param shapes Of the results, `[R, ...]` each.
 * @param elements Of a piece, at most, unless a row has more. Default 2¹⁶, 256 kB.
 */
export function computeByPieces(
  backend: tf.KernelBackend,
  inputs: readonly tf.Tensor[],
  columns: number,
  shapes: readonly number[][],
  compute: (parts: tf.Tensor[]) => tf.Tensor[],
  elements = COMPOSED_PIECE,
): tf.Tensor | tf.Tensor[] {
  const [rows] = inputs[0].shape;
  const sizes = pieceSizes(rows, columns, elements);
  if (sizes.length < 2) return single(tf.tidy(() => compute([...inputs])));
  const ops = new TensorflowOps(backend);
  const results = shapes.map(shape => ops.empty(shape));
  let begin = 0;
  ops.eachParts(inputs, sizes, (parts, index) => {
    const places = Int32Array.from({length: sizes[index]}, (_, i) => begin + i);
    for (const [i, values] of compute(parts).entries()) ops.overwrite(results[i], places, values);
    begin += sizes[index];
  });
  return single(results);
}

/** As kernels return what they made: one tensor not in a list. */
const single = (results: tf.Tensor[]): tf.Tensor | tf.Tensor[] => (results.length === 1 ? results[0] : results);
