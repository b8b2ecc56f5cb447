import type * as tf from '@tensorflow/tfjs-core';

import {check, checkShape} from '../../internal/check.js';
import {checkOptions, type OptionNames} from '../../internal/known_options.js';
import {recomputed} from '../../internal/recomputed.js';
import {keepOf} from '../linear_attention/keep.js';
import {completeMixedChunk, type MixedChunkAttentionOptions, type MixedChunkInputs} from './options.js';
import {mixedChunkReference} from './reference.js';

const OPTIONS: OptionNames<MixedChunkAttentionOptions> = {
  ...{chunkSize: true, causal: true, divisor: true, activation: true, linearScope: true},
  ...{mask: true, bias: true},
};

/**
 * The attention of FLASH: quadratic inside chunks of C tokens, linear across them,
 *
 *   y = act(q k_ᵀ / √(C·S) + bias) v  +  q' Σ k'_j v_jᵀ / n
 *
 * with the sum over all n tokens, or those of the chunks before with `causal`. There is no gate and no projection.
 * Time O(T·C·(S + E) + T·S·E), for any length: the last chunk may be shorter. Only the inputs are held for the
 * backward pass.
 *
 * @param inputs Queries and keys of both parts `[B, T, S]`, values `[B, T, E]`, float32.
 * @returns `[B, T, E]`.
 * @throws RangeError for shapes that do not belong together, masks other than `[B, T]` and options out of range.
 *
 * ```ts
 * const q = tf.randomNormal([1, 10, 4]);
 * const inputs = {quadQuery: q, quadKey: q, linearQuery: q, linearKey: q, value: tf.ones([1, 10, 6])};
 * tfa.mixedChunkAttention(inputs, {chunkSize: 4, causal: true}); // [1, 10, 6]
 * ```
 *
 * Reference: Hua et al. 2022, arXiv:2202.10447; Su, kexue.fm/archives/8934 (divisor `'tokens'`); lucidrains
 * FLASH-pytorch (divisor `'chunk'`, which counts padding as it does). Here `'tokens'` counts the tokens that the mask
 * keeps.
 */
export function mixedChunkAttention<T extends tf.Tensor>(
  inputs: MixedChunkInputs<T>,
  options: MixedChunkAttentionOptions = {},
): T {
  const where = 'mixedChunkAttention';
  checkOptions(options, OPTIONS, where);
  const {quadQuery, quadKey, linearQuery, linearKey, value} = inputs;
  const settings = completeMixedChunk(options, where);
  check(quadQuery.rank === 3, where, 'quadQuery of shape [B, T, S]', quadQuery);
  const [batch, length, size] = quadQuery.shape as [number, number, number];
  for (const [name, x] of Object.entries({quadKey, linearQuery, linearKey})) {
    checkShape(x.shape, [batch, length, size], where, name);
  }
  checkShape(value.shape, [batch, length, null], where, 'value');
  const {mask, bias} = options;
  checkShape(mask?.shape ?? [batch, length], [batch, length], where, 'mask (keys)', NO_MATRIX);
  const rows = Math.min(settings.chunkSize, length);
  checkShape(bias?.shape ?? [rows, rows], [rows, rows], where, 'bias');
  return recomputed(
    ([quadQuery, quadKey, linearQuery, linearKey, value, bias], [mask]) =>
      mixedChunkReference(
        {quadQuery, quadKey, linearQuery, linearKey, value} as MixedChunkInputs<tf.Tensor3D>,
        settings,
        mask && (keepOf(mask, 3) as tf.Tensor3D),
        bias,
      ) as tf.Tensor as T,
    [quadQuery, quadKey, linearQuery, linearKey, value, bias],
    [mask],
  );
}

const NO_MATRIX =
  'The part across chunks has no scores that a mask of queries × keys could act on: use causal, or scaledDotProductAttention with a bias.';
