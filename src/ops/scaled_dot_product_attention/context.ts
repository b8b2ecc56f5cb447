import type * as tf from '@tensorflow/tfjs-core';

import {check, checkShape} from '../../internal/check.js';
import {counterDropout} from '../counter_dropout/index.js';
import {planOf, type ScaledDotProductAttentionOptions, splitBias} from './options.js';
import type {AttentionContext} from './reference.js';
import {visibilityOf} from './visibility.js';

/** Options, checked, and what follows from them for these queries and keys. */
export function contextOf(
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

/** The tensors of a context besides its float bias, which is differentiable. */
export const constantsOf = ({visibility: {keep, counts}, keptWeights}: AttentionContext): tf.Tensor[] =>
  [keep, counts, keptWeights].filter(isTensor);

const isTensor = (value: number | tf.Tensor | undefined): value is tf.Tensor => typeof value === 'object';

/** The context with its float bias and `constantsOf` replaced by the saved tensors, in this order. */
export function restore(context: AttentionContext, saved: readonly tf.Tensor[]): AttentionContext {
  const {plan, visibility, floatBias, keptWeights} = context;
  const rest = [...saved];
  const next = <V extends number | tf.Tensor | undefined>(value: V): V =>
    isTensor(value) ? (rest.shift() as V) : value;
  const restoredBias = next(floatBias);
  const restoredVisibility = {...visibility, keep: next(visibility.keep), counts: next(visibility.counts)};
  return {plan, visibility: restoredVisibility, floatBias: restoredBias, keptWeights: next(keptWeights)};
}
