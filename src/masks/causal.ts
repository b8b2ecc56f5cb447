import type * as tf from '@tensorflow/tfjs-core';
import {causalMask} from '../internal/causal_mask.js';
import {checkInteger} from '../internal/check.js';

/**
 * Causal mask, `M[i, j] = j ≤ i + S − T`: a token reads itself and what came before.
 *
 * @param queries T.
 * @param keys S. Defaults to T; with S > T the queries are the last T tokens.
 * @returns `[T, S]` bool.
 *
 * ```ts
 * tfa.masks.causal(3).print(); // 100, 110, 111
 * ```
 *
 * Reference: bert4keras `LM_Mask`.
 */
export function causal(queries: number, keys: number = queries): tf.Tensor2D {
  checkInteger(queries, 'masks.causal', 'queries');
  checkInteger(keys, 'masks.causal', 'keys');
  return causalMask(queries, keys);
}
