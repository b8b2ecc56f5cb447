import * as tf from '@tensorflow/tfjs-core';

import {maskedScore} from '../../internal/numbers.js';
import type {Rotation} from '../rotary_embedding/rotation.js';
import type {AttentionPlan} from './options.js';
import type {Visibility} from './visibility.js';

/**
 * What the weights are made of besides q and k. Kernels that make no scores read the masks as they are given; composed
 * ops read what `composedContext` makes of them.
 */
export interface AttentionContext {
  plan: AttentionPlan;
  /** Shape of the scores, `[B, T, S]` or `[B, H, T, S]`. */
  scores: number[];
  /** `[B, S]`, nonzero = keep. */
  mask?: tf.Tensor;
  /** Boolean bias that broadcasts to the scores. */
  allowed?: tf.Tensor;
  floatBias?: tf.Tensor;
  /** Whether a kernel that can rounds q, k and v to float16. */
  float16?: boolean;
  /** Of q and k, for a kernel that rotates what it loads. */
  rotation?: Rotation;
  visibility?: Visibility;
  /** The dropout factor, 0 or 1/(1−rate), `[..., T, S]`. */
  keptWeights?: tf.Tensor;
}

/** A context for composed ops. */
export type ComposedContext = AttentionContext & {visibility: Visibility};

/**
 * Attention from composed tfjs ops: the ground truth.
 * @returns The output `[..., T, Dv]`, and what `weightsOf` makes the weights from, for the backward pass.
 */
export function scaledDotProductAttentionReference(
  q: tf.Tensor,
  k: tf.Tensor,
  v: tf.Tensor,
  context: ComposedContext,
): [output: tf.Tensor, strengths: tf.Tensor] {
  const {plan, visibility, keptWeights} = context;
  const strengths = strengthsOf(scoresReference(q, k, context), plan, visibility);
  const output = tf.matMul(drop(weightsOf(strengths, plan), keptWeights), v);
  return [blankBlindRows(output, plan, visibility), strengths];
}

/** Attention weights `[..., T, S]` before dropout; the row of a query that sees nothing is 0. */
export function attentionWeightsReference(q: tf.Tensor, k: tf.Tensor, context: ComposedContext): tf.Tensor {
  const {plan, visibility} = context;
  const strengths = strengthsOf(scoresReference(q, k, context), plan, visibility);
  return blankBlindRows(weightsOf(strengths, plan), plan, visibility);
}

/** Scores as they enter the normalisation: scaled, biased, and multiplied by the factor of their row. */
export function scoresReference(q: tf.Tensor, k: tf.Tensor, {plan, visibility, floatBias}: ComposedContext): tf.Tensor {
  const factor = rowFactor(plan, visibility);
  const scores = tf.matMul(tf.mul(q, times(factor, plan.scale)), k, false, true);
  if (floatBias === undefined) return scores;
  const bias = tf.maximum(floatBias, maskedScore()); // arithmetic on −Infinity would give NaN
  return tf.add(scores, tf.mul(bias, factor));
}

/**
 * Softmax of the scores, or relu of them, 0 where masked. Masked scores get a finite number added, which leaves
 * exactly 0 after exp.
 */
export function strengthsOf(scores: tf.Tensor, plan: AttentionPlan, {keep}: Visibility): tf.Tensor {
  if (plan.normalization === 'squaredRelu') return keep === undefined ? tf.relu(scores) : tf.mul(tf.relu(scores), keep);
  return tf.softmax(keep === undefined ? scores : tf.add(scores, tf.mul(tf.sub(1, keep), maskedScore())));
}

/** The weights. */
export const weightsOf = (strengths: tf.Tensor, {normalization}: AttentionPlan): tf.Tensor =>
  normalization === 'squaredRelu' ? tf.square(strengths) : strengths;

export const drop = (weights: tf.Tensor, keptWeights: tf.Tensor | undefined): tf.Tensor =>
  keptWeights === undefined ? weights : tf.mul(weights, keptWeights);

/**
 * What the scores of a row are multiplied by: ln max(n, minLength) / ln lengthBase for softmaxPlus, and √(1/n) for
 * squaredRelu, whose weights relu²/n it makes without a pass of its own; else 1.
 */
export function rowFactor(plan: AttentionPlan, {counts}: Visibility): number | tf.Tensor {
  const {normalization, lengthNorm, minLength} = plan;
  if (normalization === 'squaredRelu') {
    if (lengthNorm !== 'row') return Math.sqrt(1 / lengthNorm);
    return typeof counts === 'number' ? Math.sqrt(1 / Math.max(1, counts)) : tf.rsqrt(tf.maximum(counts, 1));
  }
  if (normalization !== 'softmaxPlus') return 1;
  const unit = Math.log(plan.lengthBase);
  if (typeof counts === 'number') return Math.log(Math.max(counts, minLength)) / unit;
  return tf.div(tf.log(tf.maximum(counts, minLength)), unit);
}

/** Zero for the rows that see no key; softmax gives them the mean of all keys. */
export function blankBlindRows(rows: tf.Tensor, plan: AttentionPlan, {blindRows, counts}: Visibility): tf.Tensor {
  if (!blindRows || plan.normalization === 'squaredRelu') return rows;
  return tf.mul(rows, typeof counts === 'number' ? Math.min(counts, 1) : tf.minimum(counts, 1));
}

export const times = (factor: number | tf.Tensor, scale: number): number | tf.Tensor =>
  typeof factor === 'number' ? factor * scale : tf.mul(factor, scale);
