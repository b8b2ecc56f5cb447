import * as tf from '@tensorflow/tfjs-core';

import {checkShape} from '../../internal/check.js';
import {counterDropout} from '../counter_dropout/index.js';
import {attentionWeights} from '../scaled_dot_product_attention/index.js';
import {type ScaledDotProductAttentionOptions, splitBias} from '../scaled_dot_product_attention/options.js';

/**
 * Attention with relative position vectors in scores and values (Shaw),
 *
 *   S[i, j] = scale · q_i · (k_j + P[i, j]),   y_i = Σ_j A[i, j] (v_j + P[i, j]).
 *
 * @param q `[B, H, T, D]`, float32.
 * @param k `[B, H, S, D]`.
 * @param v `[B, H, S, D]`.
 * @param positions P, `[T, S, D]`.
 * @param options As in `scaledDotProductAttention`, without rotation.
 * @returns `[B, H, T, D]`.
 *
 * Reference: Shaw et al. 2018, arXiv:1803.02155.
 */
export function relativeAttention(
  q: tf.Tensor4D,
  k: tf.Tensor4D,
  v: tf.Tensor4D,
  positions: tf.Tensor3D,
  options: Omit<ScaledDotProductAttentionOptions, 'rotary'>,
): tf.Tensor4D {
  const [batch, heads, queries, headSize] = q.shape;
  const keys = k.shape[2];
  checkShape(positions.shape, [queries, keys, headSize], 'relativeAttention', 'positions');
  const {bias, dropoutRate = 0, training = false, seed, scale = 1 / Math.sqrt(headSize), ...rest} = options;
  return tf.tidy(() => {
    const byQuery = (x: tf.Tensor4D) => tf.reshape(tf.transpose(x, [2, 0, 1, 3]), [queries, batch * heads, x.shape[3]]);
    const byBatch = (x: tf.Tensor, size: number): tf.Tensor4D =>
      tf.transpose(tf.reshape(x, [queries, batch, heads, size]), [1, 2, 0, 3]);
    const distance = byBatch(tf.mul(tf.matMul(byQuery(q), positions, false, true), scale), keys); // [B, H, T, S]
    const {allowed, floatBias} = splitBias(bias);
    const biases = [distance, allowed, floatBias].filter(one => one !== undefined);
    const weights = attentionWeights(q, k, {...rest, scale, bias: biases}) as tf.Tensor4D;
    const kept =
      training && dropoutRate > 0 ? tf.mul(weights, counterDropout(weights.shape, dropoutRate, seed!)) : weights;
    return tf.add(tf.matMul(kept, v), byBatch(tf.matMul(byQuery(kept as tf.Tensor4D), positions), headSize));
  });
}
