import * as tf from '@tensorflow/tfjs-core';

import {maskedScore} from '../../internal/numbers.js';
import type {AttentionPlan} from './options.js';
import type {Visibility} from './visibility.js';

/** What the weights are made of besides q and k; `keptWeights` is the dropout factor, 0 or 1/(1−rate). */
export interface AttentionContext {
  plan: AttentionPlan;
  visibility: Visibility;
  floatBias?: tf.Tensor;
  keptWeights?: tf.Tensor;
}

/** Attention output `[..., T, Dv]` from composed tfjs ops: the ground truth. */
export function scaledDotProductAttentionReference(
  q: tf.Tensor,
  k: tf.Tensor,
  v: tf.Tensor,
  context: AttentionContext,
): tf.Tensor {
  const {plan, visibility, keptWeights} = context;
  const weights = normalize(scoresReference(q, k, context), plan, visibility);
  const output = tf.matMul(keptWeights === undefined ? weights : tf.mul(weights, keptWeights), v);
  return blankBlindRows(output, plan, visibility);
}

/** Attention weights `[..., T, S]` before dropout; the row of a query that sees nothing is 0. */
export function attentionWeightsReference(q: tf.Tensor, k: tf.Tensor, context: AttentionContext): tf.Tensor {
  const {plan, visibility} = context;
  return blankBlindRows(normalize(scoresReference(q, k, context), plan, visibility), plan, visibility);
}

/** Scores as they enter the normalisation: scaled, biased, and for softmaxPlus multiplied by the row's length factor. */
export function scoresReference(
  q: tf.Tensor,
  k: tf.Tensor,
  {plan, visibility, floatBias}: AttentionContext,
): tf.Tensor {
  const factor = lengthFactor(plan, visibility);
  const scores = tf.matMul(tf.mul(q, times(factor, plan.scale)), k, false, true);
  if (floatBias === undefined) return scores;
  const bias = tf.maximum(floatBias, maskedScore()); // arithmetic on −Infinity would give NaN
  return tf.add(scores, tf.mul(bias, factor));
}

/** Weights of the scores. Masked scores get a finite number added, which leaves exactly 0 after exp. */
export function normalize(scores: tf.Tensor, plan: AttentionPlan, visibility: Visibility): tf.Tensor {
  const {keep} = visibility;
  if (plan.normalization === 'squaredRelu') {
    return tf.mul(tf.square(tf.relu(scores)), squaredReluFactor(plan, visibility));
  }
  return tf.softmax(keep === undefined ? scores : tf.add(scores, tf.mul(tf.sub(1, keep), maskedScore())));
}

/** ln max(n, minLength) / ln lengthBase for softmaxPlus, else 1. */
export function lengthFactor(plan: AttentionPlan, {counts}: Visibility): number | tf.Tensor {
  if (plan.normalization !== 'softmaxPlus') return 1;
  const unit = Math.log(plan.lengthBase);
  if (typeof counts === 'number') return Math.log(Math.max(counts, plan.minLength)) / unit;
  return tf.div(tf.log(tf.maximum(counts, plan.minLength)), unit);
}

/** visible/n: what relu² is multiplied by. */
export function squaredReluFactor(plan: AttentionPlan, {keep, counts}: Visibility): number | tf.Tensor {
  const divisor = plan.lengthNorm === 'row' ? counts : plan.lengthNorm;
  if (keep === undefined) return 1 / Math.max(1, divisor as number);
  return tf.div(keep, typeof divisor === 'number' ? divisor : tf.maximum(divisor, 1));
}

/** Zero for the rows that see no key; softmax gives them the mean of all keys. */
export function blankBlindRows(rows: tf.Tensor, plan: AttentionPlan, {blindRows, counts}: Visibility): tf.Tensor {
  if (!blindRows || plan.normalization === 'squaredRelu') return rows;
  return tf.mul(rows, typeof counts === 'number' ? Math.min(counts, 1) : tf.minimum(counts, 1));
}

export const times = (factor: number | tf.Tensor, scale: number): number | tf.Tensor =>
  typeof factor === 'number' ? factor * scale : tf.mul(factor, scale);
