import * as tf from '@tensorflow/tfjs-core';

import {sumToShape} from '../../internal/broadcast.js';
import {
  blankBlindRows,
  type ComposedContext,
  divideRows,
  drop,
  lengthFactor,
  scoresReference,
  strengthsOf,
  times,
  weightsOf,
} from './reference.js';

/** Gradients of attention; those of the float bias are there when the context has one. */
export interface AttentionGradients {
  q: tf.Tensor;
  k: tf.Tensor;
  v: tf.Tensor;
  floatBias?: tf.Tensor;
}

/** What the forward pass made and the backward pass would compute again. */
export interface HeldAttention {
  output: tf.Tensor;
  strengths?: tf.Tensor;
}

/**
 * With A the weights, D the dropout factor, O = (A⊙D) v and ρ the factor of q·k:
 *
 *   dv = (A⊙D)ᵀ dO          dA = D ⊙ dO vᵀ
 *   dS = A ⊙ (dA − Σ_c dO⊙O)   (softmax)      dS = 2 relu(S)/n ⊙ dA   (relu²)
 *   dq = ρ dS k             dk = ρ dSᵀ q      dbias = dS · length factor
 *
 * Factors of a row go into dO, which is smaller than dS. What is not held is computed again, so that nothing of size
 * T·S has to live between forward and backward.
 */
export function composedGradients(
  q: tf.Tensor,
  k: tf.Tensor,
  v: tf.Tensor,
  context: ComposedContext,
  dy: tf.Tensor,
  held?: HeldAttention,
): AttentionGradients {
  const {plan, visibility, keptWeights, floatBias} = context;
  return tf.tidy(() => {
    const strengths = held?.strengths ?? strengthsOf(scoresReference(q, k, context), plan, visibility);
    const dOutput = divideRows(blankBlindRows(dy, plan, visibility), plan, visibility);
    const dv = tf.matMul(drop(weightsOf(strengths, plan), keptWeights), dOutput, true, false);
    const [early, late] = rowFactors(context);
    const scaled = multiply(dOutput, early);
    const dWeights = drop(tf.matMul(scaled, v, false, true), keptWeights);
    const share = held === undefined ? undefined : tf.sum(tf.mul(scaled, held.output), -1, true);
    const dScores = scoresGradient(strengths, dWeights, context, share);
    return {
      q: multiply(tf.matMul(dScores, k), late),
      k: tf.matMul(dScores, multiply(q, late), true, false),
      v: dv,
      floatBias: floatBias === undefined ? undefined : sumToShape(dScores, floatBias.shape),
    };
  });
}

/**
 * The factor of dO, and that of dq and dk: their product is ρ, and 2ρ for relu². With a float bias ρ is split so that
 * its gradient comes out as well.
 */
function rowFactors({plan, visibility, floatBias}: ComposedContext): [number | tf.Tensor, number] {
  const slope = plan.normalization === 'squaredRelu' ? 2 : 1;
  const factor = lengthFactor(plan, visibility);
  return floatBias === undefined ? [times(factor, slope * plan.scale), 1] : [times(factor, slope), plan.scale];
}

/** `share` is Σ_j A⊙dA where it is known already. */
function scoresGradient(
  strengths: tf.Tensor,
  dWeights: tf.Tensor,
  {plan}: ComposedContext,
  share?: tf.Tensor,
): tf.Tensor {
  if (plan.normalization === 'squaredRelu') return tf.mul(strengths, dWeights);
  return tf.mul(strengths, tf.sub(dWeights, share ?? tf.sum(tf.mul(strengths, dWeights), -1, true)));
}

const multiply = (x: tf.Tensor, factor: number | tf.Tensor): tf.Tensor => (factor === 1 ? x : tf.mul(x, factor));

/** dq, dk and the bias gradient of `attentionWeights`, given the gradient of the weights. */
export function attentionWeightsGradients(
  q: tf.Tensor,
  k: tf.Tensor,
  context: ComposedContext,
  dy: tf.Tensor,
): Omit<AttentionGradients, 'v'> {
  const {plan, visibility, floatBias} = context;
  return tf.tidy(() => {
    const strengths = strengthsOf(scoresReference(q, k, context), plan, visibility);
    const [early, late] = rowFactors(context);
    const dWeights = multiply(divideRows(blankBlindRows(dy, plan, visibility), plan, visibility), early);
    const dScores = scoresGradient(strengths, dWeights, context);
    return {
      q: multiply(tf.matMul(dScores, k), late),
      k: tf.matMul(dScores, multiply(q, late), true, false),
      floatBias: floatBias === undefined ? undefined : sumToShape(dScores, floatBias.shape),
    };
  });
}
