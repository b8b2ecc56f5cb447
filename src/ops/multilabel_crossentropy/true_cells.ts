/** Which classes are true, on tensorflow, where reading back is free of waiting. */
import * as tf from '@tensorflow/tfjs-core';

import {pieceSizes} from '../../internal/row_pieces.js';
import {TensorflowOps} from '../../internal/tensorflow_ops.js';
import {listedCells} from './listed_cells.js';
import type {MultilabelAttrs} from './name.js';

/** True classes are few up to this many, or up to this share of all. */
const FEW = 2 ** 16;
const FEW_OF_ALL = 1 / 32;

/** Row after row `row · C + class` of each true class, once; nothing where they are many, or labels are degrees. */
export const trueCells = (labels: tf.Tensor, classes: number, attrs: MultilabelAttrs): Int32Array | undefined =>
  attrs.form === 'dense' ? searchDense(labels) : listAll(labels, classes, attrs);

/** Piece after piece, so that soft labels are left at the first and their indices take no memory. */
function searchDense(labels: tf.Tensor): Int32Array | undefined {
  const ops = new TensorflowOps(tf.backend());
  const [rows, classes] = labels.shape;
  const most = Math.max(FEW, labels.size * FEW_OF_ALL);
  const cells: number[] = [];
  let listed = true;
  let begin = 0;
  ops.eachPart(labels, pieceSizes(rows, classes), part => {
    if (!listed) return;
    const at = ops.where(part).dataSync();
    const own = Int32Array.from({length: at.length / 2}, (_, i) => at[2 * i] * classes + at[2 * i + 1]);
    const values =
      own.length === 0 ? [] : tf.gather(tf.reshape(part, [part.size]), tf.tensor1d(own, 'int32')).dataSync();
    const hard = labels.dtype !== 'float32' || values.every(value => value === 1);
    listed = hard && cells.length + values.length <= most;
    if (listed) {
      for (const [i, value] of values.entries()) if (value > 0) cells.push(begin * classes + own[i]);
    }
    begin += part.shape[0];
  });
  return listed ? Int32Array.from(cells) : undefined;
}

function listAll(labels: tf.Tensor, classes: number, attrs: MultilabelAttrs): Int32Array {
  const [rows, listed] = labels.shape;
  const values = labels.dataSync();
  const cells: number[] = [];
  for (let row = 0; row < rows; row++) {
    const own = new Set(listedCells(values, attrs, row * listed, listed, classes));
    for (const column of own) cells.push(row * classes + column);
  }
  return Int32Array.from(cells);
}
