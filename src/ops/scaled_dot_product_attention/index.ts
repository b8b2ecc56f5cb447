import * as tf from '@tensorflow/tfjs-core';

import {checkShape} from '../../internal/check.js';
import {checkOptions} from '../../internal/known_options.js';
import {isTaping} from '../../internal/taping.js';
import {rotateFirst} from '../rotary_embedding/rotation.js';
import {attendAndHold, attentionGradients, contextFor, differentiableGradients, rotatedUnlessOnLoad} from './attend.js';
import {composedContext, constantsOf, contextOf, restore} from './context.js';
import {attentionWeightsGradients} from './gradient.js';
import {
  ATTENTION_OPTIONS,
  type AttentionWeightsOptions,
  type ScaledDotProductAttentionOptions,
  WEIGHTS_OPTIONS,
} from './options.js';
import {type AttentionContext, attentionWeightsReference} from './reference.js';

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
 * Weights that take more memory than q, k and v are computed again in the backward pass, others are held. On webgpu no
 * weights are made, and one number a row is held; heads wider than 256 are the exception. On tensorflow weights of more
 * than 32 MB are made in blocks of queries, in both passes; `kernels.report()` says when.
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
  checkOptions(options, ATTENTION_OPTIONS, where);
  checkShape(v.shape.slice(0, -1), k.shape.slice(0, -1), where, 'v, apart from its channels,');
  return tf.tidy(() => {
    const [queries, keys, attention] = rotatedUnlessOnLoad(q, k, v, options, where);
    const context = contextFor(queries, keys, v, attention, where);
    return withContext(
      [queries, keys, v],
      context,
      () => attendAndHold(queries, keys, v, context),
      ([q, k, v], restored, dy, [output, read]) => {
        const gradients = isTaping()
          ? differentiableGradients(q, k, v, restored, dy)
          : attentionGradients(q, k, v, restored, dy, output && [output, read]);
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
export function attentionWeights<T extends tf.Tensor>(q: T, k: T, options: AttentionWeightsOptions = {}): T {
  const where = 'attentionWeights';
  checkOptions(options, WEIGHTS_OPTIONS, where);
  return tf.tidy(() => {
    const {rotary, ...rest} = options;
    const [queries, keys] = rotary === undefined ? [q, k] : rotateFirst(q, k, rotary, 'for the weights', where);
    const context = composedContext(contextOf(queries, keys, rest, where));
    return withContext(
      [queries, keys],
      context,
      () => [tf.tidy(() => attentionWeightsReference(queries, keys, context))],
      ([q, k], restored, dy) => {
        const gradients = attentionWeightsGradients(q, k, composedContext(restored), dy);
        return {inputs: [gradients.q, gradients.k], floatBias: gradients.floatBias};
      },
    ) as T;
  });
}

/** What the backward pass of `withContext` gives. */
interface Gradients {
  inputs: tf.Tensor[];
  floatBias?: tf.Tensor;
}

/**
 * A differentiable function of `inputs` and of the context's float bias. The other tensors of the context are saved
 * with them: the mask of a model run is disposed before the backward pass. `forward` gives the value, and what else
 * is worth holding for a first-order gradient.
 */
function withContext(
  inputs: tf.Tensor[],
  context: AttentionContext,
  forward: () => [value: tf.Tensor, ...held: tf.Tensor[]],
  backward: (inputs: tf.Tensor[], context: AttentionContext, dy: tf.Tensor, held: tf.Tensor[]) => Gradients,
): tf.Tensor {
  const {floatBias} = context;
  const differentiable = floatBias === undefined ? inputs : [...inputs, floatBias];
  const constants = constantsOf(context);
  const op = tf.customGrad((...args) => {
    const [value, ...held] = forward();
    (args[args.length - 1] as tf.GradSaveFunc)([...differentiable, ...constants, ...held]);
    return {
      value,
      gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => {
        const end = differentiable.length + constants.length;
        const restored = restore(context, saved.slice(inputs.length, end));
        const gradients = backward(saved.slice(0, inputs.length), restored, dy, saved.slice(end));
        return gradients.floatBias === undefined ? gradients.inputs : [...gradients.inputs, gradients.floatBias];
      },
    };
  });
  return op(...differentiable);
}
