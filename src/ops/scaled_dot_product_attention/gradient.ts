import * as tf from '@tensorflow/tfjs-core';

import {sumToShape} from '../../internal/broadcast.js';
import {isFused} from '../../internal/kernels.js';
import {isTaping} from '../../internal/taping.js';
import {TensorflowOps} from '../../internal/tensorflow_ops.js';
import {
  blankBlindRows,
  type ComposedContext,
  drop,
  rowFactor,
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
 * With A the weights, S the scores, D the dropout factor, O = (A⊙D) v and ρ the factor of q·k in S:
 *
 *   dv = (A⊙D)ᵀ dO          dA = D ⊙ dO vᵀ
 *   dS = A ⊙ (dA − Σ_c dO⊙O)   (softmax)      dS = 2 relu(S) ⊙ dA   (relu²)
 *   dq = ρ dS k             dk = ρ dSᵀ q      dbias = dS · row factor
 *
 * Factors of a row go into dO, or into dq and dk, which are smaller than dS. What is not held is computed again, so
 * that nothing of size T·S has to live between forward and backward.
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
    const dOutput = blankBlindRows(dy, plan, visibility);
    const dv = transposedProduct(drop(weightsOf(strengths, plan), keptWeights), dOutput);
    const [early, late] = rowFactors(context, q, dOutput);
    const scaled = multiply(dOutput, early);
    const dWeights = drop(tf.matMul(scaled, v, false, true), keptWeights);
    const share = () => held && tf.sum(tf.mul(scaled, held.output), -1, true);
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
 * `aᵀ b` of the last two axes; on tensorflow by its own product, which has no gradient but is faster for wide values.
 */
function transposedProduct(a: tf.Tensor, b: tf.Tensor): tf.Tensor {
  const direct = tf.getBackend() === 'tensorflow' && isFused() && !isTaping();
  return direct ? new TensorflowOps(tf.backend()).matMul(a, b, {transposeA: true}) : tf.matMul(a, b, true, false);
}

/**
 * The factor of dO, or of dA where there is no output, and that of dq and dk: their product is that of dS by q·k, and
 * all goes to the smaller tensors. With a float bias it is split so that its gradient comes out as well.
 */
function rowFactors(
  {plan, visibility, floatBias}: ComposedContext,
  q: tf.Tensor,
  dRows: tf.Tensor,
): [early: number | tf.Tensor, late: number | tf.Tensor] {
  const slope = plan.normalization === 'squaredRelu' ? 2 : 1;
  const factor = times(rowFactor(plan, visibility), slope);
  if (floatBias !== undefined) return [factor, plan.scale];
  const whole = times(factor, plan.scale);
  return 2 * q.size < dRows.size ? [1, whole] : [whole, 1];
}

/** `share` is Σ_j A⊙dA where it is known already. */
function scoresGradient(
  strengths: tf.Tensor,
  dWeights: tf.Tensor,
  {plan}: ComposedContext,
  share: () => tf.Tensor | undefined = () => undefined,
): tf.Tensor {
  if (plan.normalization === 'squaredRelu') return tf.mul(strengths, dWeights);
  return tf.mul(strengths, tf.sub(dWeights, share() ?? tf.sum(tf.mul(strengths, dWeights), -1, true)));
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
    const [early, late] = rowFactors(context, q, dy);
    const dWeights = multiply(blankBlindRows(dy, plan, visibility), early);
    const dScores = scoresGradient(strengths, dWeights, context);
    return {
      q: multiply(tf.matMul(dScores, k), late),
      k: tf.matMul(dScores, multiply(q, late), true, false),
      floatBias: floatBias === undefined ? undefined : sumToShape(dScores, floatBias.shape),
    };
  });
}
