/** Where the labels are, for the kernel of `tensorflow`: by ops alone, so that a graph can hold them. */
import * as tf from '@tensorflow/tfjs-core';

import {spansOfTypes} from '../../internal/span_lists.js';
import type {TensorflowOps} from '../../internal/tensorflow_ops.js';
import type {FactorisedAttrs, FactorisedInputs} from './name.js';

/** P = K or H·K cells a sample. */
export interface LabelCells {
  /** Whether both ends of a listed cell are tokens. `[B · P]` */
  inside: tf.Tensor;
  /**
   * Where the cells are in `[B · T · T]`, and their tokens in `[B · T]`; somewhere near for those not inside. `[B · P]`
   */
  cells: tf.Tensor1D;
  starts: tf.Tensor1D;
  ends: tf.Tensor1D;
  /** Whether the cell is not listed before. `[B, P, 1]` */
  isFirst: tf.Tensor;
  /** Whether the cell is a label of the type. `[B, P, H]` */
  isOwn: tf.Tensor;
}

export function labelCells({labels, bias}: FactorisedInputs, {form}: FactorisedAttrs, ops: TensorflowOps): LabelCells {
  const [batch, length, channels] = bias.shape as [number, number, number];
  const heads = channels / 2;
  const count = labels.size / batch / (form === 'list' ? 3 : 2);
  const pairs = tf.reshape(form === 'list' ? tf.slice(labels, [0, 0, 1]) : labels, [batch * count, 2]);
  const within = tf.minimum(tf.maximum(pairs, tf.scalar(0, 'int32')), tf.scalar(length - 1, 'int32'));
  const inside = tf.all(tf.equal(pairs, within), 1);
  const firstTokens = Int32Array.from({length: batch * count}, (_, entry) => Math.floor(entry / count) * length);
  const tokens = tf.add(within, tf.tensor2d(firstTokens, [batch * count, 1], 'int32'));
  const [starts, ends] = tf.unstack(tokens, 1) as tf.Tensor1D[];
  const columns = tf.reshape(tf.slice(within, [0, 1], [-1, 1]), [-1]);
  const cells = tf.add(tf.mul(starts, tf.scalar(length, 'int32')), columns) as tf.Tensor1D;
  const outside = tf.range(-batch * count, 0, 1, 'int32');
  const keys = tf.reshape(ops.select(inside, cells, outside, 'int32'), [batch, count]);
  const same = tf.cast(tf.equal(tf.expandDims(keys, 1), tf.expandDims(keys, 2)), 'float32'); // [B, P, P]
  const bounds = [-1, 0].map(bound => tf.scalar(bound, 'int32'));
  const upToOwn = ops.run('MatrixBandPart', [same, ...bounds], {T: 'float32', Tindex: 'int32'});
  const ofTypes =
    form === 'list'
      ? ops.matMul(same, tf.cast(spansOfTypes(labels as tf.Tensor3D, heads), 'float32'), {transposeB: true})
      : tf.sum(tf.reshape(same, [batch, count, heads, count / heads]), 3);
  return {
    inside,
    cells,
    starts,
    ends,
    isFirst: tf.equal(tf.sum(upToOwn, 2, true), 1),
    isOwn: tf.greater(ofTypes, 0),
  };
}
