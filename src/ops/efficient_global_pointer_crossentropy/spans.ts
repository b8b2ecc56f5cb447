import * as tf from '@tensorflow/tfjs-core';

import {spansOfTypes} from '../../internal/span_lists.js';

/** The listed cells of each sample, P = K or H·K of them, and the cells that are in no list. All float32, 0 or 1. */
export interface ListedSpans {
  /** Row of each listed cell, one-hot; zeros for padding. `[B, P, T]` */
  starts: tf.Tensor3D;
  /** Column of each listed cell, one-hot. `[B, P, T]` */
  ends: tf.Tensor3D;
  /** 1 where the cell is a label of the type. `[B, H, P]` */
  positive: tf.Tensor3D;
  /** 1 where the cell is a label, of other types only; a cell in several lists counts once. `[B, H, P]` */
  negative: tf.Tensor3D;
  /** 1 where the cell is possible and no label of any type. `[B, T, T]` */
  unlisted: tf.Tensor3D;
}

/** Labels of either form, float32. */
interface Labels {
  /** (start, end), `[B, P, 2]`. */
  cells: tf.Tensor3D;
  /** 1 where cell p is a label of type h, `[B | 1, H, P]`. */
  types: tf.Tensor3D;
}

export function spansAndTypes(spans: tf.Tensor3D | tf.Tensor4D, heads: number): Labels {
  const list = tf.cast(spans, 'float32');
  if (list.rank === 3) {
    return {
      cells: tf.slice(list as tf.Tensor3D, [0, 0, 1], [-1, -1, 2]),
      types: tf.cast(spansOfTypes(spans as tf.Tensor3D, heads), 'float32'),
    };
  }
  const [batch, , slots] = list.shape;
  const ownType = tf.reshape(tf.eye(heads), [1, heads, heads, 1]);
  return {
    cells: tf.reshape(list, [batch, heads * slots, 2]),
    types: tf.reshape(tf.tile(ownType, [1, 1, 1, slots]), [1, heads, heads * slots]),
  };
}

/** @param keep 1 where a cell is possible, `[1 | B, T, T]`; `undefined` for all. */
export function listSpans(
  {cells: pairs, types}: Labels,
  length: number,
  keep: tf.Tensor3D | undefined,
  maskZero: boolean,
): ListedSpans {
  const [batch, count] = pairs.shape;
  const possible = possibleCells(keep, batch, length, maskZero);
  const [start, end] = tf.unstack(pairs, 2); // [B, P]
  const columns = tf.range(0, length);
  const allStarts = tf.cast(tf.equal(tf.expandDims(start, 2), columns), 'float32') as tf.Tensor3D;
  const allEnds = tf.cast(tf.equal(tf.expandDims(end, 2), columns), 'float32') as tf.Tensor3D;
  const listed = tf.sum(tf.mul(tf.matMul(allStarts, possible), allEnds), 2, true); // [B, P, 1]
  const [starts, ends] = [tf.mul(allStarts, listed), tf.mul(allEnds, listed)] as tf.Tensor3D[];
  const cells = tf.add(tf.mul(start, length), end); // exact to length 4096
  const same = tf.cast(tf.equal(tf.expandDims(cells, 1), tf.expandDims(cells, 2)), 'float32'); // [B, P, P]
  const mutual = tf.mul(tf.mul(same, listed), tf.transpose(listed, [0, 2, 1]));
  const order = tf.range(0, count);
  const earlier = tf.cast(tf.less(tf.expandDims(order, 1), tf.expandDims(order, 0)), 'float32'); // [P, P]
  const repeats = tf.minimum(tf.sum(tf.mul(mutual, earlier), 1, true), 1); // [B, 1, P]
  const once = tf.mul(tf.transpose(listed, [0, 2, 1]), tf.sub(1, repeats)); // [B, 1, P]
  const labelled = tf.minimum(tf.matMul(tf.mul(types, tf.ones([batch, 1, 1])), mutual), 1); // [B, H, P]
  const hits = tf.minimum(tf.matMul(starts, ends, true, false), 1); // [B, T, T]
  return {
    starts,
    ends,
    positive: tf.mul(labelled, once),
    negative: tf.mul(tf.sub(1, labelled), once),
    unlisted: tf.mul(possible, tf.sub(1, hits)),
  };
}

function possibleCells(keep: tf.Tensor3D | undefined, batch: number, length: number, maskZero: boolean): tf.Tensor3D {
  const all = tf.ones([batch, length, length]);
  const cells = (keep === undefined ? all : tf.mul(all, keep)) as tf.Tensor3D;
  if (!maskZero) return cells;
  const token = tf.range(0, length);
  const behindFirst = tf.greater(tf.add(tf.expandDims(token, 1), token), 0); // all but (0, 0)
  return tf.mul(cells, tf.cast(behindFirst, 'float32'));
}
