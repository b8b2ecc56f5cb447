import * as tf from '@tensorflow/tfjs-core';

import {sumToShape} from '../../internal/broadcast.js';
import {choosePath, fusedKernel, runKernelOr, takesKernel, whyNotFused} from '../../internal/kernels.js';
import {mayHold} from '../../internal/recomputed.js';
import {ROTARY_EMBEDDING} from '../rotary_embedding/name.js';
import {type Rotation, rotateFirst, turn} from '../rotary_embedding/rotation.js';
import {blockRows} from './blocks.js';
import {composedContext, contextOf} from './context.js';
import {type AttentionGradients, composedGradients, type HeldAttention} from './gradient.js';
import {attentionGradientOnHost, attentionOnHost} from './host.js';
import {type AttentionInputs, SCALED_DOT_PRODUCT_ATTENTION, SCALED_DOT_PRODUCT_ATTENTION_GRADIENT} from './name.js';
import {attentionGradientOnTensorflow, attentionOnTensorflow} from './node.js';
import type {ScaledDotProductAttentionOptions} from './options.js';
import {type AttentionContext, scaledDotProductAttentionReference} from './reference.js';
import {attentionGradientOnWebgpu, attentionOnWebgpu} from './webgpu.js';

fusedKernel(SCALED_DOT_PRODUCT_ATTENTION, attentionOnTensorflow);
fusedKernel(SCALED_DOT_PRODUCT_ATTENTION_GRADIENT, attentionGradientOnTensorflow);
fusedKernel(SCALED_DOT_PRODUCT_ATTENTION, attentionOnWebgpu);
fusedKernel(SCALED_DOT_PRODUCT_ATTENTION_GRADIENT, attentionGradientOnWebgpu);
for (const backend of ['cpu', 'wasm']) {
  fusedKernel(SCALED_DOT_PRODUCT_ATTENTION, {...attentionOnHost, backend});
  fusedKernel(SCALED_DOT_PRODUCT_ATTENTION_GRADIENT, {...attentionGradientOnHost, backend});
}

/** Backends whose kernels never make all scores. */
const WITHOUT_SCORES = ['webgpu', 'wasm', 'cpu'];

/**
 * The output, and what its backward pass reads besides inputs: the strengths of the weights `[..., T, S]`, or one
 * number a row, `[..., T]`, from a kernel that makes no scores, or nothing where the scores were made in blocks.
 */
export type Attended = [output: tf.Tensor, read?: tf.Tensor];

/** `contextOf` as `attend` takes it: for composed ops, unless the kernel here reads the masks as they are given. */
export function contextFor(
  q: tf.Tensor,
  k: tf.Tensor,
  v: tf.Tensor,
  options: ScaledDotProductAttentionOptions,
  where: string,
): AttentionContext {
  const context = contextOf(q, k, options, where);
  return readsMasks(q, k, v, context) ? context : composedContext(context);
}

const readsMasks = (q: tf.Tensor, k: tf.Tensor, v: tf.Tensor, context: AttentionContext): boolean =>
  neverMakesScores(context) && takesKernel(SCALED_DOT_PRODUCT_ATTENTION, inputsOf(q, k, v, context), {context});

const neverMakesScores = ({scores, rotation}: AttentionContext): boolean =>
  (rotation === undefined || tf.getBackend() === 'webgpu') &&
  (WITHOUT_SCORES.includes(tf.getBackend()) || (tf.getBackend() === 'tensorflow' && blockRows(scores) !== undefined));

const inputsOf = (q: tf.Tensor, k: tf.Tensor, v: tf.Tensor, context: AttentionContext): AttentionInputs => {
  const {mask, allowed, floatBias, keptWeights, rotation} = context;
  return {q, k, v, mask, allowed, floatBias, keptWeights, turns: rotation?.turns};
};

/** Whether the kernel here rotates queries and keys as it loads them, by `rotary`; the reason against it if not. */
export function rotatesOnLoad(
  q: tf.Tensor,
  k: tf.Tensor,
  v: tf.Tensor,
  options: ScaledDotProductAttentionOptions,
  where: string,
): true | string {
  const backend = tf.getBackend();
  if (backend !== 'webgpu') return `no kernel of ${backend} rotates what it loads`;
  const {rotary, ...rest} = options;
  const rotation = {layout: rotary!.layout ?? 'interleaved'} as Rotation; // its table is made when it is needed
  const context = {...contextOf(q, k, rest, where), rotation};
  const reason = whyNotFused(SCALED_DOT_PRODUCT_ATTENTION, inputsOf(q, k, v, context), {context});
  if (reason !== undefined) return reason;
  choosePath(ROTARY_EMBEDDING, `in ${SCALED_DOT_PRODUCT_ATTENTION}, which rotates q and k as it loads them`);
  return true;
}

/** q, k and options with `rotary` applied, unless the kernel here does it. */
export function rotatedUnlessOnLoad<T extends tf.Tensor>(
  q: T,
  k: T,
  v: T,
  options: ScaledDotProductAttentionOptions,
  where: string,
): [q: T, k: T, options: ScaledDotProductAttentionOptions] {
  const {rotary, ...rest} = options;
  if (rotary === undefined) return [q, k, options];
  const onLoad = rotatesOnLoad(q, k, v, options, where);
  return onLoad === true ? [q, k, options] : [...rotateFirst(q, k, rotary, onLoad, where), rest];
}

export const attend = (q: tf.Tensor, k: tf.Tensor, v: tf.Tensor, context: AttentionContext): Attended =>
  runKernelOr(SCALED_DOT_PRODUCT_ATTENTION, inputsOf(q, k, v, context), {context}, () => {
    const {rotation} = context;
    const [queries, keys] = rotation === undefined ? [q, k] : [turn(q, rotation), turn(k, rotation)];
    return scaledDotProductAttentionReference(queries, keys, v, composedContext(context));
  }) as Attended;

/** The output, and again with what its backward pass reads, where that takes no more memory than the inputs. */
export function attendAndHold(
  q: tf.Tensor,
  k: tf.Tensor,
  v: tf.Tensor,
  context: AttentionContext,
): [tf.Tensor, ...held: tf.Tensor[]] {
  const [output, read] = attend(q, k, v, context);
  if (!mayHold() || (read !== undefined && read.size > q.size + k.size + v.size)) return [output];
  return read === undefined ? [output, output] : [output, output, read];
}

/** Gradients from composed ops, which can be differentiated again. */
export function differentiableGradients(
  q: tf.Tensor,
  k: tf.Tensor,
  v: tf.Tensor,
  context: AttentionContext,
  dy: tf.Tensor,
  held?: HeldAttention,
): AttentionGradients {
  const {rotation} = context;
  if (rotation === undefined) return composedGradients(q, k, v, composedContext(context), dy, held);
  const {
    q: dq,
    k: dk,
    ...rest
  } = composedGradients(turn(q, rotation), turn(k, rotation), v, composedContext(context), dy, held);
  return {...rest, q: turn(dq, rotation, true), k: turn(dk, rotation, true)};
}

/** First-order gradients. */
export function attentionGradients(
  q: tf.Tensor,
  k: tf.Tensor,
  v: tf.Tensor,
  context: AttentionContext,
  dy: tf.Tensor,
  held?: Attended,
): AttentionGradients {
  const ofRows = held !== undefined && (held[1] === undefined || held[1].rank < q.rank);
  const composed = (): AttentionGradients => {
    const strengths = ofRows || held === undefined ? undefined : {output: held[0], strengths: held[1]};
    return differentiableGradients(q, k, v, context, dy, strengths);
  };
  if (!readsMasks(q, k, v, context)) return composed();
  return tf.tidy((): never => {
    const [output, norm] = ofRows ? held : attend(q, k, v, context);
    const inputs = {...inputsOf(q, k, v, context), dy, output, norm};
    const [dq, dk, dv, ofBias] = runKernelOr<tf.Tensor[]>(
      SCALED_DOT_PRODUCT_ATTENTION_GRADIENT,
      inputs,
      {context},
      () => {
        const {q: dq, k: dk, v: dv, floatBias} = composed();
        return floatBias === undefined ? [dq, dk, dv] : [dq, dk, dv, floatBias];
      },
    );
    const {floatBias} = context;
    const summed = floatBias && sumToShape(ofBias, floatBias.shape);
    return {q: dq, k: dk, v: dv, floatBias: summed} as never;
  });
}
