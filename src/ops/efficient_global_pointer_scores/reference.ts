import * as tf from '@tensorflow/tfjs-core';

import {blankCells} from '../../internal/span_visibility.js';

/** Span scores plus end and start scores by type, from composed tfjs ops: the ground truth. */
export function efficientGlobalPointerScoresReference(
  q: tf.Tensor3D,
  k: tf.Tensor3D,
  bias: tf.Tensor3D,
  keep: tf.Tensor3D | undefined,
  scale: number,
  maskValue: number,
): tf.Tensor4D {
  const [batch, length, channels] = bias.shape;
  const heads = channels / 2;
  const spans = tf.matMul(tf.mul(q, scale), k, false, true);
  const blanked = keep === undefined ? spans : tf.add(spans, blankCells(keep, maskValue)); // shared by all heads
  const [end, start] = tf.split(tf.reshape(tf.transpose(bias, [0, 2, 1]), [batch, heads, 2, length]), 2, 2);
  const ends = tf.add(tf.expandDims(blanked, 1), end); // [B, H, T, T] + [B, H, 1, T]
  return tf.add(ends, tf.reshape(start, [batch, heads, length, 1]));
}

/**
 * Of the gradient `dy` `[B, H, T, T]` of the scores, over the possible cells: its sums over types, times `scale`,
 * `[B, T, T]`; and those over starts and over ends, the gradient of `bias`, `[B, T, 2H]`.
 */
export function spanSumsReference(dy: tf.Tensor4D, keep: tf.Tensor3D | undefined, scale: number): tf.Tensor[] {
  const [batch, heads, length] = dy.shape;
  const dScores = keep === undefined ? dy : tf.mul(dy, tf.expandDims(keep, 1));
  const ends = tf.reshape(tf.stack([tf.sum(dScores, 2), tf.sum(dScores, 3)], 2), [batch, 2 * heads, length]);
  return [tf.mul(tf.sum(dScores, 1), scale), tf.transpose(ends, [0, 2, 1])];
}
