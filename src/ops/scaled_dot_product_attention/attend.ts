import * as tf from '@tensorflow/tfjs-core';

import {sumToShape} from '../../internal/broadcast.js';
import {fusedKernel, runKernelOr, takesKernel} from '../../internal/kernels.js';
import {mayHold} from '../../internal/recomputed.js';
import {blockRows} from './blocks.js';
import {composedContext, contextOf} from './context.js';
import {type AttentionGradients, composedGradients} from './gradient.js';
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

const neverMakesScores = ({scores}: AttentionContext): boolean =>
  WITHOUT_SCORES.includes(tf.getBackend()) || (tf.getBackend() === 'tensorflow' && blockRows(scores) !== undefined);

const inputsOf = (q: tf.Tensor, k: tf.Tensor, v: tf.Tensor, context: AttentionContext): AttentionInputs => {
  const {mask, allowed, floatBias, keptWeights} = context;
  return {q, k, v, mask, allowed, floatBias, keptWeights};
};

export const attend = (q: tf.Tensor, k: tf.Tensor, v: tf.Tensor, context: AttentionContext): Attended =>
  runKernelOr(SCALED_DOT_PRODUCT_ATTENTION, inputsOf(q, k, v, context), {context}, () =>
    scaledDotProductAttentionReference(q, k, v, composedContext(context)),
  ) as Attended;

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

/** First-order gradients; those of composed ops can be differentiated again. */
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
    return composedGradients(q, k, v, composedContext(context), dy, strengths);
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
