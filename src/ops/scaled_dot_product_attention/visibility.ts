import * as tf from '@tensorflow/tfjs-core';

import {causalMask} from '../../internal/causal_mask.js';

/**
 * Which keys each row may read.
 *
 * `keep` is a float tensor of 0 and 1 that broadcasts to the scores, absent when every key is visible.
 * `counts` is the number of visible keys of each row: a number when it is the same for all, else it broadcasts to
 * `[..., T, 1]`. `blindRows` says that some row may see no key.
 */
export interface Visibility {
  keep?: tf.Tensor;
  counts: number | tf.Tensor;
  blindRows: boolean;
}

/**
 * @param shape Of the scores, `[B, T, S]` or `[B, H, T, S]`.
 * @param mask `[B, S]`, nonzero = keep.
 * @param allowed Boolean bias that broadcasts to the scores.
 */
export function visibilityOf(
  shape: readonly number[],
  causal: boolean,
  mask: tf.Tensor | undefined,
  allowed: tf.Tensor | undefined,
): Visibility {
  const [queries, keys] = shape.slice(-2);
  if (mask === undefined && allowed === undefined) {
    if (!causal) return {counts: keys, blindRows: keys === 0};
    const counts = Float32Array.from({length: queries}, (_, i) => Math.min(keys, Math.max(0, i + 1 + keys - queries)));
    return {
      keep: tf.cast(causalMask(queries, keys), 'float32'),
      counts: tf.tensor2d(counts, [queries, 1]),
      blindRows: queries > keys,
    };
  }
  const parts: tf.Tensor[] = [];
  if (mask !== undefined) parts.push(keysOf(mask, shape.length));
  if (allowed !== undefined) parts.push(tf.cast(allowed, 'float32'));
  if (causal) parts.push(tf.cast(causalMask(queries, keys), 'float32'));
  const keep = parts.reduce((product, part) => tf.mul(product, part));
  return {keep, counts: tf.sum(spread(keep, keys), -1, true), blindRows: true};
}

/** `[B, S]` → `[B, 1, S]` or `[B, 1, 1, S]`, 0 and 1. */
const keysOf = (mask: tf.Tensor, rank: number): tf.Tensor =>
  tf.reshape(zeroOrOne(mask), [mask.shape[0], ...Array(rank - 2).fill(1), mask.shape[1]]);

/** 1 for what is not 0, float32. */
export const zeroOrOne = (mask: tf.Tensor): tf.Tensor =>
  mask.dtype === 'bool' ? tf.cast(mask, 'float32') : tf.cast(tf.notEqual(mask, 0), 'float32');

/** A boolean bias may have 1 on the key axis, which a count must not take for one key. */
export const spread = (keep: tf.Tensor, keys: number): tf.Tensor =>
  keep.shape[keep.rank - 1] === keys ? keep : tf.mul(keep, tf.ones([keys]));
