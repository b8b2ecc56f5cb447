import * as tf from '@tensorflow/tfjs-core';

import {sumToShape} from '../../internal/broadcast.js';
import {
  type AttentionContext,
  blankBlindRows,
  lengthFactor,
  normalize,
  scoresReference,
  squaredReluFactor,
  times,
} from './reference.js';

/** Gradients of attention; those of the float bias are there when the context has one. */
export interface AttentionGradients {
  q: tf.Tensor;
  k: tf.Tensor;
  v: tf.Tensor;
  floatBias?: tf.Tensor;
}

/**
 * With A the weights, D the dropout factor, O = (A⊙D) v and ρ the factor of q·k:
 *
 *   dv = (A⊙D)ᵀ dO          dA = D ⊙ dO vᵀ
 *   dS = A ⊙ (dA − Σ_j dA⊙A)   (softmax)      dS = 2 relu(S)·visible/n ⊙ dA   (relu²)
 *   dq = ρ dS k             dk = dSᵀ (ρ q)     dbias = dS · length factor
 *
 * The weights are computed again, so that nothing of size T·S lives between forward and backward.
 */
export function attentionGradients(
  q: tf.Tensor,
  k: tf.Tensor,
  v: tf.Tensor,
  context: AttentionContext,
  dy: tf.Tensor,
): AttentionGradients {
  const {plan, visibility, keptWeights, floatBias} = context;
  return tf.tidy(() => {
    const scores = scoresReference(q, k, context);
    const weights = normalize(scores, plan, visibility);
    const dOutput = blankBlindRows(dy, plan, visibility);
    const kept = keptWeights === undefined ? weights : tf.mul(weights, keptWeights);
    const dv = tf.matMul(kept, dOutput, true, false);
    const dWeights = withDropout(tf.matMul(dOutput, v, false, true), keptWeights);
    const dScores =
      plan.normalization === 'squaredRelu'
        ? tf.mul(dWeights, tf.mul(tf.relu(scores), times(squaredReluFactor(plan, visibility), 2)))
        : softmaxGradient(weights, dWeights);
    return {...scoreGradients(q, k, dScores, context), v: dv, floatBias: biasGradient(dScores, context, floatBias)};
  });
}

const withDropout = (dWeights: tf.Tensor, keptWeights: tf.Tensor | undefined): tf.Tensor =>
  keptWeights === undefined ? dWeights : tf.mul(dWeights, keptWeights);

function softmaxGradient(weights: tf.Tensor, dWeights: tf.Tensor): tf.Tensor {
  const product = tf.mul(weights, dWeights);
  return tf.sub(product, tf.mul(weights, tf.sum(product, -1, true)));
}

/** dq and dk from the gradient of the scores. */
function scoreGradients(q: tf.Tensor, k: tf.Tensor, dScores: tf.Tensor, {plan, visibility}: AttentionContext) {
  const factor = times(lengthFactor(plan, visibility), plan.scale);
  return {
    q: tf.mul(tf.matMul(dScores, k), factor),
    k: tf.matMul(dScores, tf.mul(q, factor), true, false),
  };
}

function biasGradient(
  dScores: tf.Tensor,
  {plan, visibility}: AttentionContext,
  floatBias: tf.Tensor | undefined,
): tf.Tensor | undefined {
  if (floatBias === undefined) return undefined;
  return sumToShape(tf.mul(dScores, lengthFactor(plan, visibility)), floatBias.shape);
}

/** dq, dk and the bias gradient of `attentionWeights`, given the gradient of the weights. */
export function attentionWeightsGradients(
  q: tf.Tensor,
  k: tf.Tensor,
  context: AttentionContext,
  dy: tf.Tensor,
): Omit<AttentionGradients, 'v'> {
  const {plan, visibility, floatBias} = context;
  return tf.tidy(() => {
    const scores = scoresReference(q, k, context);
    const dWeights = blankBlindRows(dy, plan, visibility);
    const dScores =
      plan.normalization === 'squaredRelu'
        ? tf.mul(dWeights, tf.mul(tf.relu(scores), times(squaredReluFactor(plan, visibility), 2)))
        : softmaxGradient(normalize(scores, plan, visibility), dWeights);
    return {...scoreGradients(q, k, dScores, context), floatBias: biasGradient(dScores, context, floatBias)};
  });
}
