import * as tf from '@tensorflow/tfjs-core';

import {check, checkRange, checkShape} from '../../internal/check.js';
import {checkOptions, type OptionNames} from '../../internal/known_options.js';
import {recomputed} from '../../internal/recomputed.js';
import {favorFeatures} from '../favor_plus_features/features.js';
import {
  FAVOR_OPTIONS,
  type FavorOptions,
  type FavorPlan,
  favorPlanOf,
  featuresPerRow,
} from '../favor_plus_features/options.js';
import {attendFeatures, type LinearPlan, stateSums} from '../linear_attention/attend.js';
import {recomputedWithProduct} from '../linear_attention/held_product.js';
import {keepOf} from '../linear_attention/keep.js';
import {
  checkState,
  checkTensors,
  chunkOf,
  type LinearAttentionOptions,
  type LinearAttentionState,
} from '../linear_attention/options.js';

type SharedOptions = Pick<
  LinearAttentionOptions,
  'causal' | 'mask' | 'maskMode' | 'chunkSize' | 'initialState' | 'returnState'
>;

export interface PerformerAttentionOptions extends FavorOptions, SharedOptions {
  /** Whether to divide by `φ(q_i) · Σ φ(k_j)`. Defaults to true. */
  normalize?: boolean;
  /** Added to the denominator. Defaults to 0, where a row that sees nothing still gives 0. */
  denominatorEpsilon?: number;
  /** Added to each entry of `Σ φ(k_j)` in the denominator. Defaults to 0. */
  keySumEpsilon?: number;
}

const OPTIONS: OptionNames<PerformerAttentionOptions> = {
  ...FAVOR_OPTIONS,
  ...{causal: true, mask: true, maskMode: true, chunkSize: true, initialState: true, returnState: true},
  ...{normalize: true, denominatorEpsilon: true, keySumEpsilon: true},
};

/**
 * Softmax attention estimated in linear time with random features,
 *
 *   y_i = φ(q_i)ᵀ Σ_j φ(k_j) v_jᵀ / φ(q_i)ᵀ Σ_j φ(k_j),   φ = favorPlusFeatures with the projection Ω,
 *
 * over all keys, or j ≤ i with `causal`. With queries and keys of standard deviation 0.5 and 16 channels, 16, 64 and
 * 256 orthogonal features of fixed length have a relative error of 0.34, 0.17 and 0.10, of random length 0.44, 0.28 and
 * 0.15; it grows quickly with the norm.
 *
 * Time and memory are those of {@link linearAttention}, which also has its masks and states. The `stabilizer` defaults
 * to `'max'`, and to `'fixed'` with `causal`: the largest of all keys would tell early tokens of later ones.
 *
 * @param q `[B, H, T, D]` or `[B, T, D]`, float32, not scaled by 1/√D.
 * @param k `[B, H, S, D]` or `[B, S, D]`; S = T with `causal`.
 * @param v `[B, H, S, Dv]` or `[B, S, Dv]`.
 * @param projection Ω, `[rows, D]`.
 * @returns `[B, H, T, Dv]` or `[B, T, Dv]`, or `{output, state}` with `returnState`.
 * @throws RangeError for shapes that do not belong together, masks other than `[B, S]` and options out of range.
 *
 * ```ts
 * const q = tf.randomNormal([1, 2, 100, 16], 0, 0.5);
 * const projection = tfa.orthogonalRandomFeatures(64, 16, {seed: 1});
 * tfa.performerAttention(q, q, q, projection, {causal: true}); // [1, 2, 100, 16]
 * ```
 *
 * Reference: Choromanski et al. 2020, arXiv:2009.14794.
 */
export function performerAttention<T extends tf.Tensor>(
  q: T,
  k: T,
  v: T,
  projection: tf.Tensor2D,
  options: PerformerAttentionOptions & {returnState: true},
): {output: T; state: LinearAttentionState};
export function performerAttention<T extends tf.Tensor>(
  q: T,
  k: T,
  v: T,
  projection: tf.Tensor2D,
  options?: PerformerAttentionOptions,
): T;
export function performerAttention<T extends tf.Tensor>(
  q: T,
  k: T,
  v: T,
  projection: tf.Tensor2D,
  options: PerformerAttentionOptions = {},
): T | {output: T; state: LinearAttentionState} {
  const where = 'performerAttention';
  const {mask, maskMode = 'keys', initialState, returnState = false} = options;
  checkTensors(q, k, v, options, where);
  checkOptions(options, OPTIONS, where);
  checkShape(projection.shape, [null, q.shape[q.rank - 1]], where, 'projection');
  const plan = performerPlanOf(options, where);
  checkState(initialState, projection.shape[0] * featuresPerRow(plan.favor.kernel), v, where);
  return tf.tidy(() => {
    const inputs = [k, v, projection, initialState?.sums];
    const keys = (k: tf.Tensor | undefined, omega: tf.Tensor | undefined, mask: tf.Tensor | undefined) =>
      favorFeatures(k!, omega as tf.Tensor2D, plan.favor, false, maskMode === 'keys' ? mask : undefined);
    const values = (v: tf.Tensor | undefined, mask: tf.Tensor | undefined) =>
      mask === undefined || maskMode === 'keys' ? v! : tf.mul(v!, keepOf(mask, v!.rank));
    const output = recomputedWithProduct(
      ([q, k, v, omega, sums], [mask], held) => {
        const queries = favorFeatures(q!, omega as tf.Tensor2D, plan.favor, true, undefined);
        return attendFeatures({q: queries, k: keys(k, omega, mask)}, values(v, mask), plan, sums, held);
      },
      [q, ...inputs],
      [mask],
      plan.causal,
    ) as T;
    if (!returnState) return output;
    const sums = recomputed(
      ([k, v, omega, sums], [mask]) => {
        const added = stateSums(keys(k, omega, mask), values(v, mask), plan);
        return sums === undefined ? added : tf.add(sums, added);
      },
      inputs,
      [mask],
    );
    return {output, state: {sums, position: (initialState?.position ?? 0) + q.shape[q.rank - 2]}};
  });
}

/** The checked options of Performer attention. */
export function performerPlanOf(options: PerformerAttentionOptions, where: string): LinearPlan & {favor: FavorPlan} {
  const {causal = false, normalize = true, denominatorEpsilon = 0, keySumEpsilon = 0, chunkSize} = options;
  const {stabilizer = causal ? 'fixed' : 'max', initialState, returnState = false} = options;
  checkRange(denominatorEpsilon, where, 'denominatorEpsilon', [0, Number.POSITIVE_INFINITY], {high: true});
  checkRange(keySumEpsilon, where, 'keySumEpsilon', [0, Number.POSITIVE_INFINITY], {high: true});
  check(
    stabilizer !== 'max' || !(returnState || initialState !== undefined),
    where,
    "stabilizer 'fixed' or 'none' with initialState or returnState",
    stabilizer,
    'The largest key of one part says nothing of the others.',
  );
  return {
    causal,
    normalize,
    epsilon: denominatorEpsilon,
    epsilonRule: 'add',
    keySumEpsilon,
    chunkSize: chunkOf(chunkSize, where),
    favor: favorPlanOf({...options, stabilizer}, where),
  };
}
