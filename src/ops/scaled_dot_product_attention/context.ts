import type * as tf from '@tensorflow/tfjs-core';

import {check, checkShape} from '../../internal/check.js';
import {precision} from '../../internal/precision.js';
import {counterDropout} from '../counter_dropout/index.js';
import {rotationOf} from '../rotary_embedding/rotation.js';
import {planOf, type ScaledDotProductAttentionOptions, splitBias} from './options.js';
import type {AttentionContext, ComposedContext} from './reference.js';
import {visibilityOf} from './visibility.js';

/** Options, checked, for these queries and keys; with `rotary` they are still to be rotated. */
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
  const {mask, rotary} = options;
  const {allowed, floatBias} = splitBias(options.bias);
  if (mask !== undefined) checkShape(mask.shape, [q.shape[0], keys], where, 'mask (keys)');
  const scores = [...q.shape.slice(0, -2), queries, keys];
  for (const bias of [allowed, floatBias]) checkBias(bias, scores, where);
  const rotation = rotary && rotationOf(q, k, rotary, where);
  const plan = planOf(options, headSize, where);
  return {plan, scores, mask, allowed, floatBias, rotation, float16: precision() === 'float16'};
}

/** The context with the masks and the dropout factor as composed ops multiply them, made here unless they are there. */
export function composedContext(context: AttentionContext): ComposedContext {
  const {plan, scores, mask, allowed, visibility} = context;
  if (visibility !== undefined) return context as ComposedContext;
  return {
    ...context,
    visibility: visibilityOf(scores, plan.causal, mask, allowed),
    keptWeights: plan.dropoutRate > 0 ? counterDropout(scores, plan.dropoutRate, plan.seed) : undefined,
  };
}

function checkBias(bias: tf.Tensor | undefined, scores: number[], where: string): void {
  if (bias === undefined) return;
  const lead = scores.length - bias.rank;
  const fits = lead >= 0 && bias.shape.every((size, axis) => size === 1 || size === scores[axis + lead]);
  check(fits, where, `bias that broadcasts to the scores [${scores.join(', ')}]`, bias);
}

/** The tensors that a context is read from, besides its float bias, which is differentiable. */
export function constantsOf({mask, allowed, visibility, keptWeights, rotation}: AttentionContext): tf.Tensor[] {
  const read = visibility === undefined ? [mask, allowed] : [visibility.keep, visibility.counts, keptWeights];
  return [rotation?.turns, ...read].filter(isTensor);
}

const isTensor = (value: number | tf.Tensor | undefined): value is tf.Tensor => typeof value === 'object';

/** The context with its float bias and `constantsOf` replaced by the saved tensors, in this order. */
export function restore(context: AttentionContext, saved: readonly tf.Tensor[]): AttentionContext {
  const {plan, scores, float16, visibility} = context;
  const rest = [...saved];
  const next = <V extends number | tf.Tensor | undefined>(value: V): V =>
    isTensor(value) ? (rest.shift() as V) : value;
  const floatBias = next(context.floatBias);
  const rotation = context.rotation && {...context.rotation, turns: next(context.rotation.turns)};
  const common = {plan, scores, float16, floatBias, rotation};
  if (visibility === undefined) return {...common, mask: next(context.mask), allowed: next(context.allowed)};
  const restored = {...visibility, keep: next(visibility.keep), counts: next(visibility.counts)};
  return {...common, visibility: restored, keptWeights: next(context.keptWeights)};
}
