/**
 * TensorFlow's own softmax in place of maximum, difference, exponential and sum: five tensors of the size of the
 * logits forward and eight backward, where the composed loss makes about forty. For hard labels, as soft ones have
 * no place outside the exponent.
 */
import * as tf from '@tensorflow/tfjs-core';

import type {FusedKernel} from '../../internal/kernels.js';
import {ABSENT_BELOW} from '../../internal/numbers.js';
import {TensorflowOps} from '../../internal/tensorflow_ops.js';
import type {MultilabelAttrs, MultilabelGradientInputs, MultilabelInputs} from './name.js';
import {cellsOf} from './reference.js';

/** Stands for a class that is not in a sum. */
const EXCLUDED = -1e12;

export const multilabelOnTensorflow: FusedKernel<MultilabelInputs, MultilabelAttrs> = {
  backend: 'tensorflow',
  unsupported: softLabels,
  run: ({logits, labels}, attrs, backend) =>
    tf.tidy(() => {
      const {negative, positive} = sidesOf(labels, logits as tf.Tensor2D, attrs, new TensorflowOps(backend));
      return tf.squeeze(tf.add(tf.softplus(negative.logSum), tf.softplus(positive.logSum)), [1]);
    }),
};

export const multilabelGradientOnTensorflow: FusedKernel<MultilabelGradientInputs, MultilabelAttrs> = {
  backend: 'tensorflow',
  unsupported: softLabels,
  run: ({dy, logits, labels}, attrs, backend) =>
    tf.tidy(() => {
      const {negative, positive} = sidesOf(labels, logits as tf.Tensor2D, attrs, new TensorflowOps(backend));
      const slope = tf.expandDims(dy, 1);
      const [p, q] = [negative, positive].map(({shares, logSum}) => tf.mul(shares, tf.mul(tf.sigmoid(logSum), slope)));
      return tf.sub(p, q);
    }),
};

/** One of the two sums: log Σ exp(x), and the share of each class in it. */
interface Side {
  shares: tf.Tensor;
  /** `[R, 1]` */
  logSum: tf.Tensor;
}

function sidesOf(
  labels: tf.Tensor,
  logits: tf.Tensor2D,
  attrs: MultilabelAttrs,
  ops: TensorflowOps,
): {negative: Side; positive: Side} {
  const isTrue = attrs.form === 'dense' ? tf.greater(labels, half(labels)) : marks(labels, logits.shape, attrs);
  let absent = tf.less(logits, ABSENT_BELOW);
  if (attrs.maskZero) absent = tf.logicalOr(absent, tf.equal(tf.range(0, logits.shape[1], 1, 'int32'), 0));
  const s = attrs.threshold === 0 ? logits : tf.sub(logits, attrs.threshold);
  const excluded = tf.scalar(EXCLUDED);
  const select = (condition: tf.Tensor, a: tf.Tensor, b: tf.Tensor) => ops.run('SelectV2', [condition, a, b]);
  const falses = select(tf.logicalOr(isTrue, absent), excluded, s);
  const trues = select(tf.logicalAnd(isTrue, tf.logicalNot(absent)), tf.neg(s), excluded);
  return {negative: sideOf(falses), positive: sideOf(trues)};
}

/** The largest share is exp(largest − log Σ exp). */
function sideOf(x: tf.Tensor): Side {
  const shares = tf.softmax(x);
  return {shares, logSum: tf.sub(tf.max(x, 1, true), tf.log(tf.max(shares, 1, true)))};
}

const half = (labels: tf.Tensor): tf.Tensor => (labels.dtype === 'float32' ? tf.scalar(0.5) : tf.scalar(0, 'int32'));

/** Where a class is listed, `[R, C]` bool. What lies outside the row goes to one more column, which is cut off. */
function marks(labels: tf.Tensor, [rows, classes]: [number, number], {form, side}: MultilabelAttrs): tf.Tensor {
  const indices = form === 'spans' ? cellsOf(labels as tf.Tensor3D, side) : (labels as tf.Tensor2D);
  const listed = indices.shape[1];
  const inside = tf.logicalAnd(tf.greaterEqual(indices, 0), tf.less(indices, classes));
  const columns = tf.where(inside, indices, tf.fill(indices.shape, classes, 'int32'));
  const row = tf.add(tf.expandDims(tf.range(0, rows, 1, 'int32'), 1), tf.zerosLike(columns));
  const cells = tf.reshape(tf.stack([row, columns], 2), [rows * listed, 2]);
  const hits = tf.scatterND(cells, tf.ones([rows * listed]), [rows, classes + 1]);
  return tf.greater(tf.slice(hits, [0, 0], [rows, classes]), 0);
}

/** Σ t² = Σ t only for labels of 0 and 1. Reading back is free of waiting on this backend. */
function softLabels({labels}: {labels: tf.Tensor}, {form}: MultilabelAttrs): string | undefined {
  if (form !== 'dense' || labels.dtype !== 'float32') return undefined;
  return tf.tidy(() => {
    const ops = new TensorflowOps(tf.backend());
    const [squares] = ops.run('L2Loss', [labels]).dataSync();
    const [sum] = tf.sum(labels).dataSync();
    return 2 * squares === sum ? undefined : 'labels other than 0 and 1';
  });
}
