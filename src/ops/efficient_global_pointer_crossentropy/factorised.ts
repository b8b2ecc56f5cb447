import * as tf from '@tensorflow/tfjs-core';

import {maskedScore} from '../../internal/numbers.js';
import type {ListedSpans} from './spans.js';

/** Keeps the logarithm of a sum that underflows finite. */
const SMALLEST = 1e-37;

/** The scores of all types are base[i, j] + start[h, i] + end[h, j]. */
export interface Factors {
  /** `[B, T, T]` */
  base: tf.Tensor3D;
  /** `[B, H, T]` */
  start: tf.Tensor3D;
  /** `[B, H, T]` */
  end: tf.Tensor3D;
}

/** The loss `[B, H]`: Σ exp of the unlisted cells as a product of matrices, and the listed cells one by one. */
export function factorisedLoss(factors: Factors, spans: ListedSpans): tf.Tensor2D {
  const {negative, positive} = logSums(factors, spans);
  return tf.squeeze(tf.add(negative, positive), [2]);
}

/** The gradients for base, start and end. */
export function factorisedGradient(dy: tf.Tensor2D, factors: Factors, spans: ListedSpans): Factors {
  const {weights, startWeights, endWeights, rowSums, shift, listed, negative, positive} = logSums(factors, spans);
  const slope = tf.expandDims(dy, 2);
  const scaled = tf.mul(startWeights, tf.mul(slope, tf.exp(tf.sub(shift, negative)))) as tf.Tensor3D; // [B, H, T]
  const pull = tf.mul(spans.negative, tf.exp(tf.sub(only(listed, spans.negative), negative)));
  const push = tf.mul(spans.positive, tf.exp(tf.sub(only(tf.neg(listed), spans.positive), positive)));
  const single = tf.mul(slope, tf.sub(pull, push)) as tf.Tensor3D; // [B, H, P]
  const allTypes = tf.expandDims(tf.sum(single, 1), 2); // [B, P, 1]
  return {
    base: tf.add(
      tf.mul(weights, tf.matMul(scaled, endWeights, true, false)),
      tf.matMul(spans.starts, tf.mul(spans.ends, allTypes) as tf.Tensor3D, true, false),
    ),
    start: tf.add(tf.mul(scaled, rowSums), tf.matMul(single, spans.starts)),
    end: tf.add(tf.mul(endWeights, tf.matMul(scaled, weights)), tf.matMul(single, spans.ends)),
  };
}

/**
 * With row maxima r, e^base = e^r W and maxima A of start + r and C of end,
 *
 *   Σ_ij e^(base + start + end) = e^(A + C) Σ_i e^(start_i + r_i − A) Σ_j W_ij e^(end_j − C).
 */
function logSums({base, start, end}: Factors, {starts, ends, negative, positive, unlisted}: ListedSpans) {
  const cells = only(base, unlisted);
  const rowMaxima = tf.max(cells, 2, true); // [B, T, 1]
  const weights = tf.mul(unlisted, decay(tf.sub(cells, rowMaxima))) as tf.Tensor3D;
  const shifted = tf.add(start, tf.transpose(rowMaxima, [0, 2, 1]));
  const [startMaximum, endMaximum] = [tf.max(shifted, 2, true), tf.max(end, 2, true)]; // [B, H, 1]
  const startWeights = decay(tf.sub(shifted, startMaximum));
  const endWeights = decay(tf.sub(end, endMaximum)) as tf.Tensor3D;
  const rowSums = tf.matMul(endWeights, weights, false, true); // [B, H, T]
  const shift = tf.add(startMaximum, endMaximum);
  const rest = tf.add(tf.log(tf.maximum(tf.sum(tf.mul(rowSums, startWeights), 2, true), SMALLEST)), shift);
  const shared = tf.sum(tf.mul(tf.matMul(starts, base), ends), 2); // [B, P]
  const listed = tf.add(
    tf.add(tf.matMul(start, starts, false, true), tf.matMul(end, ends, false, true)),
    tf.expandDims(shared, 1),
  ); // [B, H, P]
  return {
    weights,
    startWeights,
    endWeights,
    rowSums,
    shift,
    listed,
    negative: logOnePlus(tf.concat([rest, only(listed, negative)], 2)),
    positive: logOnePlus(only(tf.neg(listed), positive)),
  };
}

/** `x` where `mask` is 1 and a masked score elsewhere. */
const only = (x: tf.Tensor, mask: tf.Tensor): tf.Tensor =>
  tf.where(tf.greater(mask, 0), x, tf.fill(x.shape, maskedScore()));

/** exp(x) for x ≤ 0. webgl reads numbers beside the tensor into products of matrices, where x may be large. */
const decay = (x: tf.Tensor): tf.Tensor => tf.exp(tf.minimum(x, 0));

/** log(1 + Σ exp(x)) over the last axis, `[..., 1]`. */
function logOnePlus(x: tf.Tensor): tf.Tensor {
  const largest = tf.relu(tf.max(x, -1, true)); // the 1 is exp(0)
  const sum = tf.sum(tf.exp(tf.sub(x, largest)), -1, true);
  return tf.add(largest, tf.log(tf.add(sum, tf.exp(tf.neg(largest)))));
}
