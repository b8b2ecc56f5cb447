import * as tf from '@tensorflow/tfjs-core';

import {checkShape} from '../../internal/check.js';
import {detached} from '../../internal/detached.js';
import {checkOptions} from '../../internal/known_options.js';
import {recomputed} from '../../internal/recomputed.js';
import {attendFeatures, attendWeightedMeans, type LinearPlan, stateSums} from './attend.js';
import {
  type FeatureContext,
  featureCount,
  keyFeatures,
  needsShift,
  queryFeatures,
  shiftOf,
  unitOf,
} from './feature_maps.js';
import {type HeldProduct, recomputedWithProduct} from './held_product.js';
import {keepOf} from './keep.js';
import {
  checkState,
  checkTensors,
  type FeatureMapName,
  LINEAR_ATTENTION_OPTIONS,
  type LinearAttentionOptions,
  type LinearAttentionState,
  planOf,
} from './options.js';

/**
 * Attention whose time and memory grow with the length, not its square: the weights are products of features,
 *
 *   y_i = φ(q_i)ᵀ Σ_j φ(k_j) v_jᵀ / φ(q_i)ᵀ Σ_j φ(k_j)
 *
 * over all keys, or j ≤ i with `causal`. The feature maps φ, and what guards the denominator by default:
 *
 * | featureMap | φ(q) and φ(k) | denominator |
 * |---|---|---|
 * | `'elu'` | elu(x) + 1 | Σ + 1e-6 |
 * | `'exp'` | eˣ | Σ |
 * | `'relu'` | max(x, 0) | Σ + 1e-6 |
 * | `'softmax'` | softmax of q over channels; of k over positions, or eᵏ with `causal` | none; max(Σ, 1e-3) with `causal` |
 * | `'cosine'` | [1, x/‖x‖]: weights 1 + cos(q, k) | Σ |
 * | `'cosformer'` | max(x, 0)·[sin θ_i, cos θ_i], θ_i = π/2·(i+1)/length | max(Σ, 1e-6) |
 * | `'identity'` | x | none; Σ + 1e-10 with `normalize` |
 * | a function | its value | Σ + 1e-6 |
 *
 * The causal form works in chunks of C rows: time O(T·(M + D)·C + T·M·D), memory O(T·(M + D) + T/C·M·D), whatever the
 * length. Sums over positions are trees, so that 65,536 keys lose no digits. The backward pass computes the features
 * again: between the passes only q, k and v are held, and on tensorflow what the causal form divides. Exponentials are
 * taken of what is left after the largest key (its gradient cancels); a key that is 87 below the largest counts as 0.
 *
 * @param q `[B, H, T, D]` or `[B, T, D]`, float32.
 * @param k `[B, H, S, D]` or `[B, S, D]`; S = T with `causal`.
 * @param v `[B, H, S, Dv]` or `[B, S, Dv]`.
 * @returns `[B, H, T, Dv]` or `[B, T, Dv]`, or `{output, state}` with `returnState`. A row that sees no key gives 0.
 * @throws RangeError for shapes that do not belong together, masks other than `[B, S]` and options that a feature map
 *   cannot have.
 *
 * ```ts
 * const q = tf.randomNormal([2, 4, 7, 8]); // batch 2, 4 heads, 7 tokens, 8 channels
 * const first = tfa.linearAttention(q, q, q, {causal: true, returnState: true});
 * tfa.linearAttention(q, q, q, {causal: true, initialState: first.state}); // tokens 8 to 14 of the same sequence
 * ```
 *
 * Reference: Katharopoulos et al. 2020, arXiv:2006.16236 (elu); Shen et al. 2018, arXiv:1812.01243 (softmax); Qin et
 * al. 2022, arXiv:2202.08791 (cosformer); Su, kexue.fm/archives/7546 (cosine) and 8338 (exp).
 */
export function linearAttention<T extends tf.Tensor>(
  q: T,
  k: T,
  v: T,
  options: LinearAttentionOptions & {returnState: true},
): {output: T; state: LinearAttentionState};
export function linearAttention<T extends tf.Tensor>(q: T, k: T, v: T, options?: LinearAttentionOptions): T;
export function linearAttention<T extends tf.Tensor>(
  q: T,
  k: T,
  v: T,
  options: LinearAttentionOptions = {},
): T | {output: T; state: LinearAttentionState} {
  const where = 'linearAttention';
  const {featureMap = 'elu', mask, maskMode = 'keys', initialState, returnState = false} = options;
  checkTensors(q, k, v, options, where);
  checkOptions(options, LINEAR_ATTENTION_OPTIONS, where);
  const plan = planOf(options, where);
  return tf.tidy(() => {
    const own = typeof featureMap === 'function';
    const map = own ? 'identity' : featureMap;
    const [queries, keys] = own ? [featureMap(q, true), featureMap(k, false)] : [q, k];
    if (own) checkFeatures(queries, keys, q, k, where);
    checkState(initialState, featureCount(map, keys.shape[k.rank - 1]), v, where);
    const position = initialState?.position ?? 0;
    const [length, keyLength] = [q, k].map(x => x.shape[x.rank - 2]);
    const run: Run = {plan, map, maskMode, position, length: options.length ?? Math.max(length, keyLength)};
    const keep = mask === undefined ? undefined : keepOf(mask, k.rank);
    const shift = needsShift(map) ? jointShift(keys, keep, run, initialState?.shift) : undefined;
    const inputs = [keys, v, initialState?.sums];
    const constants = [keep, shift, initialState?.shift];
    const output = recomputedWithProduct(
      (inputs, constants, held) => attend(inputs, constants, run, held),
      [queries, ...inputs],
      constants,
      plan.causal,
    ) as T;
    if (!returnState) return output;
    const sums = recomputed((inputs, constants) => sumsAfter(inputs, constants, run), inputs, constants);
    return {output, state: {sums, shift, position: position + length}};
  });
}

/** The settings of one call. */
interface Run extends Pick<FeatureContext, 'position' | 'length'> {
  plan: LinearPlan & {scale: number};
  map: FeatureMapName;
  maskMode: 'keys' | 'values';
}

type Tensors = (tf.Tensor | undefined)[];

/** The output from `[q, k, v, sums]` and `[keep, shift, earlier shift]`. */
function attend([q, ...rest]: Tensors, constants: Tensors, run: Run, held?: HeldProduct): tf.Tensor {
  const {plan, map} = run;
  const {context, keys, values, sums} = partsOf(rest, constants, run);
  const features = queryFeatures(map, q!, context);
  const queries = plan.scale === 1 ? features : tf.mul(features, plan.scale);
  if (map === 'softmax' && !plan.causal) return attendWeightedMeans(queries, keys, values, plan);
  const unit = plan.normalize && plan.epsilon > 0 ? unitOf(map, q!, context) : undefined;
  return attendFeatures({q: queries, k: keys, unit}, values, plan, sums, held);
}

/** The sums for the tokens that follow, from `[k, v, sums]`. */
function sumsAfter(inputs: Tensors, constants: Tensors, run: Run): tf.Tensor {
  const {keys, values, sums} = partsOf(inputs, constants, run);
  const added = stateSums(keys, values, run.plan);
  return sums === undefined ? added : tf.add(sums, added);
}

/** Features of the keys, values, and earlier sums relative to the present shift. */
function partsOf([k, v, sums]: Tensors, [keep, shift, earlierShift]: Tensors, run: Run) {
  const {map, maskMode, position, length} = run;
  const context: FeatureContext = {keep: maskMode === 'keys' ? keep : undefined, shift, position, length};
  return {
    context,
    keys: keyFeatures(map, k!, context),
    values: keep !== undefined && maskMode === 'values' ? tf.mul(v!, keep) : v!,
    sums: earlierShift === undefined ? sums : tf.mul(sums!, tf.exp(tf.sub(earlierShift, shift!))),
  };
}

/** The largest key of this part and of those before it. */
function jointShift(
  k: tf.Tensor,
  keep: tf.Tensor | undefined,
  {plan, map, maskMode}: Run,
  earlier: tf.Tensor | undefined,
): tf.Tensor {
  const perFeature = map === 'softmax' && !plan.causal;
  const own = detached(k, k => shiftOf(k, maskMode === 'keys' ? keep : undefined, perFeature));
  return earlier === undefined ? own : tf.maximum(own, earlier);
}

function checkFeatures(queries: tf.Tensor, keys: tf.Tensor, q: tf.Tensor, k: tf.Tensor, where: string): void {
  const features = queries.shape[queries.rank - 1];
  checkShape(queries.shape, [...q.shape.slice(0, -1), null], where, 'featureMap(q)');
  checkShape(keys.shape, [...k.shape.slice(0, -1), features], where, 'featureMap(k)');
}
