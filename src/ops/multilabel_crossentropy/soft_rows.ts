/**
 * On tensorflow, of labels that are degrees or mostly true: one exponential an element, whose reciprocal serves the
 * positive classes, in pieces of some rows that share their memory. Composed ops take those pieces whose exponentials
 * leave float32.
 */
import * as tf from '@tensorflow/tfjs-core';

import {computeByPieces, PIECE} from '../../internal/row_pieces.js';
import type {MultilabelAttrs, MultilabelGradientInputs, MultilabelInputs} from './name.js';
import {denseLabels, logSumsReference, multilabelGradientReference} from './reference.js';

/** Exponentials of logits up to this can be summed by the billion, and so can their reciprocals. */
const SUMMABLE = 60;

export function softLogs({logits, labels}: MultilabelInputs, attrs: MultilabelAttrs, backend: tf.KernelBackend) {
  const [rows, classes] = logits.shape as [number, number];
  const compute = ([logits, labels]: tf.Tensor[]): [tf.Tensor] => {
    if (!isSummable(logits, attrs)) return [logSumsReference(labels, logits as tf.Tensor2D, attrs)];
    const {negative, positive} = terms(labels, logits);
    const sums = tf.concat([tf.sum(negative, 1, true), tf.sum(positive, 1, true)], 1);
    return [tf.log1p(tf.mul(sums, tf.tensor1d([Math.exp(-attrs.threshold), Math.exp(attrs.threshold)])))];
  };
  return computeByPieces(backend, [logits, labels], classes, [[rows, 2]], compute, PIECE);
}

export function softGradient(
  {dy, logits, labels, logs}: MultilabelGradientInputs,
  attrs: MultilabelAttrs,
  backend: tf.KernelBackend,
) {
  const {shape} = logits;
  const compute = ([dy, logits, labels, logs]: tf.Tensor[]): [tf.Tensor] => {
    if (!isSummable(logits, attrs)) {
      return [multilabelGradientReference(dy as tf.Tensor1D, labels, logits as tf.Tensor2D, attrs)];
    }
    const {negative, positive} = terms(labels, logits);
    const shifts = tf.add(logs, tf.tensor1d([attrs.threshold, -attrs.threshold]));
    const [ofNegative, ofPositive] = tf.split(tf.mul(tf.expandDims(dy, 1), tf.exp(tf.neg(shifts))), 2, 1); // [R, 1]
    return [tf.sub(tf.mul(negative, ofNegative), tf.mul(positive, ofPositive))];
  };
  return computeByPieces(backend, [dy, logits, labels, logs], shape[1] as number, [shape], compute, PIECE);
}

/** (1 − t) exp(s) and t exp(−s). */
function terms(labels: tf.Tensor, logits: tf.Tensor) {
  const [t, exponentials] = [denseLabels(labels), tf.exp(logits)];
  return {negative: tf.mul(tf.sub(1, t), exponentials), positive: tf.div(t, exponentials)};
}

/** Whether no logit is absent, or NaN. */
function isSummable(logits: tf.Tensor, {threshold, maskZero}: MultilabelAttrs): boolean {
  if (maskZero || Math.abs(threshold) >= SUMMABLE / 2) return false;
  return tf.max(logits).dataSync()[0] < SUMMABLE && tf.min(logits).dataSync()[0] > -SUMMABLE;
}
