import * as tf from '@tensorflow/tfjs-core';

import {check} from '../internal/check.js';
import {checkOptions} from '../internal/known_options.js';

/**
 * What all masks allow, for `bias` of the attention ops. Masks of rank 2 with a batch, such as a padding mask `[B, S]`,
 * go through `{padding}`; the others broadcast against each other.
 *
 * @param masks Bool or 0/1 tensors `[T, S]`, `[B, T, S]` or `[B, H, T, S]`.
 * @param options `padding`: keys to keep, `[B, S]`.
 * @returns Bool, `[T, S]` or `[B, T, S]` or `[B, H, T, S]`; `[B, 1, S]` for a padding mask alone.
 * @throws RangeError for no mask at all.
 *
 * ```ts
 * const padding = tfa.masks.padding([2, 3]);
 * tfa.masks.combine([tfa.masks.causal(3)], {padding}); // [2, 3, 3]
 * ```
 */
export function combine(masks: readonly tf.Tensor[], options: {padding?: tf.Tensor} = {}): tf.Tensor {
  checkOptions(options, {padding: true}, 'masks.combine');
  const {padding} = options;
  check(masks.length > 0 || padding !== undefined, 'masks.combine', 'at least one mask', masks.length);
  return tf.tidy(() => {
    const rank = Math.max(2, ...masks.map(mask => mask.rank));
    const keys =
      padding && tf.reshape(padding, [padding.shape[0], ...Array(Math.max(1, rank - 2)).fill(1), padding.shape[1]]);
    const all = [...masks, ...(keys === undefined ? [] : [keys])].map(mask => tf.cast(mask, 'bool'));
    return all.length === 1 ? tf.clone(all[0]) : all.reduce((both, mask) => tf.logicalAnd(both, mask));
  });
}
