import * as tf from '@tensorflow/tfjs-core';

import {check, checkShape} from '../../internal/check.js';
import {runKernelOr} from '../../internal/kernels.js';
import {counterDropout} from '../counter_dropout/index.js';
import {attentionGradients, attentionWeightsGradients} from './gradient.js';
import {SCALED_DOT_PRODUCT_ATTENTION} from './name.js';
import {planOf, type ScaledDotProductAttentionOptions, splitBias} from './options.js';
import {type AttentionContext, attentionWeightsReference, scaledDotProductAttentionReference} from './reference.js';
import {visibilityOf} from './visibility.js';

/**
 * Attention with softmax, entropy-invariant softmax or squared ReLU weights,
 *
 *   O = A v,   S = scale · q kᵀ + bias,   n = number of keys that the row may see,
 *
 *   softmax      A = softmax(S)
 *   softmaxPlus  A = softmax(S · ln max(n, minLength) / ln lengthBase)
 *   squaredRelu  A = relu(S)² / n
 *
 * over the visible keys: those that `mask`, `causal` and a boolean `bias` all allow. A row that sees no key gives 0,
 * with gradient 0. The form softmax(κ · ln n / d · q kᵀ) is `softmaxPlus` with
 * `{scale: κ / d, lengthBase: Math.E, minLength: 1}`.
 *
 * The weights are computed again in the backward pass: between the passes only q, k and v are held.
 *
 * @param q `[B, H, T, D]` or `[B, T, D]`, float32.
 * @param k `[B, H, S, D]` or `[B, S, D]`.
 * @param v `[B, H, S, Dv]` or `[B, S, Dv]`.
 * @returns `[B, H, T, Dv]` or `[B, T, Dv]`.
 * @throws RangeError for shapes that do not belong together and options out of range.
 *
 * ```ts
 * const q = tf.randomNormal([2, 4, 7, 8]); // batch 2, 4 heads, 7 tokens, 8 channels
 * const mask = tf.tensor2d([[1, 1, 1, 1, 1, 0, 0], [1, 1, 1, 1, 1, 1, 1]], [2, 7], 'int32');
 * tfa.scaledDotProductAttention(q, q, q, {mask, causal: true, normalization: 'softmaxPlus'}); // [2, 4, 7, 8]
 * ```
 *
 * Reference: Vaswani et al. 2017, arXiv:1706.03762; Su, kexue.fm/archives/8823 (softmaxPlus, as bert4keras 0.11.5);
 * Hua et al. 2022, arXiv:2202.10447 (squared ReLU; the divisor n·√D of kexue.fm/archives/8934). bert4keras gives NaN
 * for rows that see nothing, this op 0.
 */
export function scaledDotProductAttention<T extends tf.Tensor>(
  q: T,
  k: T,
  v: T,
  options: ScaledDotProductAttentionOptions = {},
): T {
  const where = 'scaledDotProductAttention';
  checkShape(v.shape.slice(0, -1), k.shape.slice(0, -1), where, 'v, apart from its channels,');
  return tf.tidy(() => {
    const context = contextOf(q, k, options, where);
    const {floatBias, keptWeights} = context;
    return withContext(
      [q, k, v],
      context,
      () =>
        runKernelOr(SCALED_DOT_PRODUCT_ATTENTION, {q, k, v, floatBias, keptWeights}, {context}, () =>
          scaledDotProductAttentionReference(q, k, v, context),
        ),
      ([q, k, v], restored, dy) => {
        const gradients = attentionGradients(q, k, v, restored, dy);
        return {inputs: [gradients.q, gradients.k, gradients.v], floatBias: gradients.floatBias};
      },
    ) as T;
  });
}

/**
 * The weights A of `scaledDotProductAttention`, before dropout. They take memory T·S; the attention itself does not
 * need them.
 *
 * @param q `[B, H, T, D]` or `[B, T, D]`, float32.
 * @param k `[B, H, S, D]` or `[B, S, D]`.
 * @returns `[B, H, T, S]` or `[B, T, S]`; the row of a query that sees nothing is 0.
 *
 * ```ts
 * const q = tf.randomNormal([1, 3, 4]);
 * tfa.attentionWeights(q, q, {causal: true}).print(); // upper triangle 0, rows sum to 1
 * ```
 */
export function attentionWeights<T extends tf.Tensor>(
  q: T,
  k: T,
  options: Omit<ScaledDotProductAttentionOptions, 'dropoutRate' | 'seed' | 'training'> = {},
): T {
  return tf.tidy(() => {
    const context = contextOf(q, k, options, 'attentionWeights');
    return withContext(
      [q, k],
      context,
      () => tf.tidy(() => attentionWeightsReference(q, k, context)),
      ([q, k], restored, dy) => {
        const gradients = attentionWeightsGradients(q, k, restored, dy);
        return {inputs: [gradients.q, gradients.k], floatBias: gradients.floatBias};
      },
    ) as T;
  });
}

/**
 * A differentiable function of `inputs` and of the context's float bias. The other tensors of the context are saved
 * with them: the mask of a model run is disposed before the backward pass.
 */
function withContext(
  inputs: tf.Tensor[],
  context: AttentionContext,
  forward: () => tf.Tensor,
  backward: (
    inputs: tf.Tensor[],
    context: AttentionContext,
    dy: tf.Tensor,
  ) => {inputs: tf.Tensor[]; floatBias?: tf.Tensor},
): tf.Tensor {
  const {floatBias} = context;
  const differentiable = floatBias === undefined ? inputs : [...inputs, floatBias];
  const op = tf.customGrad((...args) => {
    (args[args.length - 1] as tf.GradSaveFunc)([...differentiable, ...constantsOf(context)]);
    return {
      value: forward(),
      gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => {
        const restored = restore(context, saved, inputs.length);
        const gradients = backward(saved.slice(0, inputs.length), restored, dy);
        return gradients.floatBias === undefined ? gradients.inputs : [...gradients.inputs, gradients.floatBias];
      },
    };
  });
  return op(...differentiable);
}

function contextOf(
  q: tf.Tensor,
  k: tf.Tensor,
  options: ScaledDotProductAttentionOptions,
  where: string,
): AttentionContext {
  check(q.rank === 3 || q.rank === 4, where, 'q of shape [B, H, T, D] or [B, T, D]', q);
  const [queries, headSize] = q.shape.slice(-2);
  checkShape(k.shape, [...q.shape.slice(0, -2), null, headSize], where, 'k');
  const keys = k.shape[k.rank - 2];
  const {mask} = options;
  const {allowed, floatBias} = splitBias(options.bias);
  if (mask !== undefined) checkShape(mask.shape, [q.shape[0], keys], where, 'mask (keys)');
  const shape = [...q.shape.slice(0, -2), queries, keys];
  for (const bias of [allowed, floatBias]) checkBias(bias, shape, where);
  const plan = planOf(options, headSize, where);
  return {
    plan,
    visibility: visibilityOf(shape, plan.causal, mask, allowed),
    floatBias,
    keptWeights: plan.dropoutRate > 0 ? counterDropout(shape, plan.dropoutRate, plan.seed) : undefined,
  };
}

function checkBias(bias: tf.Tensor | undefined, scores: number[], where: string): void {
  if (bias === undefined) return;
  const lead = scores.length - bias.rank;
  const fits = lead >= 0 && bias.shape.every((size, axis) => size === 1 || size === scores[axis + lead]);
  check(fits, where, `bias that broadcasts to the scores [${scores.join(', ')}]`, bias);
}

const constantsOf = ({visibility: {keep, counts}, keptWeights}: AttentionContext): tf.Tensor[] =>
  [keep, counts, keptWeights].filter(isTensor);

const isTensor = (value: number | tf.Tensor | undefined): value is tf.Tensor => typeof value === 'object';

/** The context with its tensors replaced by the saved ones, in the order in which they were saved. */
function restore(context: AttentionContext, saved: tf.Tensor[], inputs: number): AttentionContext {
  const {plan, visibility, floatBias, keptWeights} = context;
  const rest = saved.slice(inputs);
  const next = <V extends number | tf.Tensor | undefined>(value: V): V =>
    isTensor(value) ? (rest.shift() as V) : value;
  const restoredBias = next(floatBias);
  const restoredVisibility = {...visibility, keep: next(visibility.keep), counts: next(visibility.counts)};
  return {plan, visibility: restoredVisibility, floatBias: restoredBias, keptWeights: next(keptWeights)};
}
