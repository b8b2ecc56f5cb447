import type * as tf from '@tensorflow/tfjs-core';

import {check, checkShape} from '../../internal/check.js';
import {checkOptions} from '../../internal/known_options.js';
import {recomputed} from '../../internal/recomputed.js';
import {favorFeatures, takesFavorKernel} from './features.js';
import {FAVOR_OPTIONS, type FavorOptions, favorPlanOf} from './options.js';

export interface FavorPlusFeaturesOptions extends FavorOptions {
  /** Whether `x` holds queries: their stabiliser is one for each row. Defaults to false: keys. */
  isQuery?: boolean;
  /** Keys to keep, `[B, S]` bool or int: the others have no features. */
  mask?: tf.Tensor;
}

/**
 * Random features whose products estimate a kernel without bias, φ(q)·φ(k) ≈ K(q, k), and so let attention be linear in
 * the length. With c = D^(−1/4), u = c·Ωx and h = c²|x|²/2:
 *
 * | kernel | φ(x) | estimates |
 * |---|---|---|
 * | `'softmax'` | M^(−1/2) (exp(u − h − s) + ε) | exp(q·k/√D) with positive features |
 * | `'hyperbolic'` | M^(−1/2) ([exp(u − h − s), exp(−u − h − s)] + ε) | the same, symmetric: less variance |
 * | `'trigonometric'` | (M/2)^(−1/2) [cos u, sin u]·exp(h − s) | the same, with signs |
 * | `'relu'` or a function f | f(u) + ε | the kernel of f; a function must not depend on other tensors |
 *
 * The stabiliser s cancels in attention up to ε: the largest exponent of each query, and one number for all keys of a
 * batch entry and head. The factor 1/√D is inside: do not scale the queries again.
 *
 * @param x `[B, H, T, D]` or `[B, T, D]`, float32.
 * @param projection Ω, `[rows, D]`, usually from {@link orthogonalRandomFeatures}.
 * @returns `[B, H, T, M]` or `[B, T, M]`; M is `rows`, or 2·rows for hyperbolic and trigonometric features.
 * @throws RangeError for a projection of other channels, masks other than `[B, S]` and options out of range.
 *
 * ```ts
 * const x = tf.randomNormal([1, 2, 5, 8]);
 * tfa.favorPlusFeatures(x, tfa.orthogonalRandomFeatures(32, 8), {isQuery: true}); // [1, 2, 5, 32]
 * ```
 *
 * Reference: Choromanski et al. 2020, arXiv:2009.14794; google-research `performer/fast_attention`.
 */
export function favorPlusFeatures<T extends tf.Tensor>(
  x: T,
  projection: tf.Tensor2D,
  options: FavorPlusFeaturesOptions = {},
): T {
  const where = 'favorPlusFeatures';
  checkOptions(options, {...FAVOR_OPTIONS, isQuery: true, mask: true}, where);
  const {mask, isQuery = false} = options;
  check(x.rank === 3 || x.rank === 4, where, 'x of shape [B, H, T, D] or [B, T, D]', x);
  const [length, channels] = x.shape.slice(-2);
  checkShape(projection.shape, [null, channels], where, 'projection');
  checkShape(mask?.shape ?? [x.shape[0], length], [x.shape[0], length], where, 'mask');
  const plan = favorPlanOf(options, where);
  const features = (x: tf.Tensor, projection: tf.Tensor, mask: tf.Tensor | undefined) =>
    favorFeatures(x, projection as tf.Tensor2D, plan, isQuery, mask) as T;
  if (takesFavorKernel(x, projection, plan, isQuery, mask)) return features(x, projection, mask);
  return recomputed(([x, projection], [mask]) => features(x!, projection!, mask), [x, projection], [mask]);
}
