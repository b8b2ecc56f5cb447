import type * as tf from '@tensorflow/tfjs-core';

import {check, checkInteger, checkOneOf, checkRange, checkShape} from '../../internal/check.js';
import type {OptionNames} from '../../internal/known_options.js';
import {EPSILON_RULES, type LinearPlan} from './attend.js';

export const FEATURE_MAPS = ['elu', 'exp', 'relu', 'softmax', 'cosine', 'cosformer', 'identity'] as const;
export const MASK_MODES = ['keys', 'values'] as const;

/** A feature map by name; see `linearAttention`. */
export type FeatureMapName = (typeof FEATURE_MAPS)[number];

/**
 * A feature map of one's own, `[..., T, D]` → `[..., T, M]`. Its gradient is taken by the tape, so that it may have
 * weights.
 */
export type FeatureMapFunction = (x: tf.Tensor, isQuery: boolean) => tf.Tensor;

/** What a sequence leaves behind for the tokens that follow it. */
export type LinearAttentionState = {
  /** `Σ φ(k_j) [v_j, 1]ᵀ`, `[B, H, M, D + 1]`: of constant size. */
  sums: tf.Tensor;
  /** exp and softmax: the largest key so far, `[B, H, 1, 1]`, which φ is divided by the exponential of. */
  shift?: tf.Tensor;
  /** Number of tokens seen. */
  position: number;
};

/** How features and values become an output; shared by all linear attention. */
export interface NormalizerOptions {
  /** Whether to divide by `φ(q_i) · Σ φ(k_j)`. */
  normalize?: boolean;
  /** Keeps the denominator away from 0; 0 for none, where a row that sees nothing still gives 0. */
  epsilon?: number;
  /** `'add'`: denominator + ε. `'max'`: at least ε. */
  epsilonRule?: (typeof EPSILON_RULES)[number];
}

export interface LinearAttentionOptions extends NormalizerOptions {
  /** Feature map φ, by name or a function. Defaults to `'elu'`. */
  featureMap?: FeatureMapName | FeatureMapFunction;
  /** Token i sees the tokens j ≤ i only. Defaults to false. */
  causal?: boolean;
  /** Keys to keep, `[B, S]` bool or int: the others are as if removed. */
  mask?: tf.Tensor;
  /** `'values'` leaves masked keys in the denominator, as some libraries do. Defaults to `'keys'`: as if removed. */
  maskMode?: (typeof MASK_MODES)[number];
  /** Factor of φ(q), which matters to the unnormalised forms and to ε. Defaults to 1. */
  scale?: number;
  /** cosformer: the length that angles are relative to. Defaults to max(T, S); pieces of a sequence need the whole. */
  length?: number;
  /**
   * Rows that are multiplied as one block, on webgpu the next multiple of 64. Defaults to what suits the sizes; results
   * do not depend on it.
   */
  chunkSize?: number;
  /** Continues a sequence from the state that its first part returned. Needs `causal`. */
  initialState?: LinearAttentionState;
  /** Whether to return `{output, state}`. Needs `causal`. Defaults to false. */
  returnState?: boolean;
}

export const LINEAR_ATTENTION_OPTIONS: OptionNames<LinearAttentionOptions> = {
  ...{normalize: true, epsilon: true, epsilonRule: true, featureMap: true, causal: true, mask: true, maskMode: true},
  ...{scale: true, length: true, chunkSize: true, initialState: true, returnState: true},
};

interface MapDefaults {
  normalize: boolean;
  epsilon: number;
  epsilonRule: (typeof EPSILON_RULES)[number];
}

const DEFAULTS: Record<FeatureMapName, MapDefaults> = {
  elu: {normalize: true, epsilon: 1e-6, epsilonRule: 'add'},
  exp: {normalize: true, epsilon: 0, epsilonRule: 'add'},
  relu: {normalize: true, epsilon: 1e-6, epsilonRule: 'add'},
  softmax: {normalize: true, epsilon: 1e-3, epsilonRule: 'max'},
  cosine: {normalize: true, epsilon: 0, epsilonRule: 'add'},
  cosformer: {normalize: true, epsilon: 1e-6, epsilonRule: 'max'},
  identity: {normalize: false, epsilon: 1e-10, epsilonRule: 'add'},
};

/** The plan of `linearAttention`: its options with the defaults of the feature map, checked. */
export function planOf(options: LinearAttentionOptions, where: string): LinearPlan & {scale: number} {
  const {featureMap = 'elu', causal = false, scale = 1, maskMode = 'keys', length, chunkSize} = options;
  if (typeof featureMap === 'string') checkOneOf(featureMap, FEATURE_MAPS, where, 'featureMap');
  checkOneOf(maskMode, MASK_MODES, where, 'maskMode');
  check(Number.isFinite(scale), where, 'a finite scale', scale);
  if (length !== undefined) checkInteger(length, where, 'length');
  const defaults = DEFAULTS[typeof featureMap === 'string' ? featureMap : 'relu'];
  const efficient = featureMap === 'softmax' && !causal;
  const free = options.normalize === undefined && options.epsilon === undefined;
  check(
    !efficient || free,
    where,
    "no normalize and no epsilon for featureMap 'softmax' without causal",
    {normalize: options.normalize, epsilon: options.epsilon},
    'Its weights are probabilities already.',
  );
  const inParts = options.initialState !== undefined || Boolean(options.returnState);
  check(
    featureMap !== 'cosformer' || !inParts || length !== undefined,
    where,
    "length for featureMap 'cosformer' in parts",
    length,
    'Its angles are relative to the length of the whole sequence.',
  );
  return {...normalizerOf(options, defaults, where), causal, scale, chunkSize: chunkOf(chunkSize, where)};
}

/** Checks `normalize`, `epsilon` and `epsilonRule`, and completes them. */
export function normalizerOf(
  options: NormalizerOptions,
  defaults: MapDefaults,
  where: string,
): MapDefaults & {keySumEpsilon: number} {
  const {normalize = defaults.normalize, epsilon = defaults.epsilon, epsilonRule = defaults.epsilonRule} = options;
  checkRange(epsilon, where, 'epsilon', [0, Number.POSITIVE_INFINITY], {high: true});
  checkOneOf(epsilonRule, EPSILON_RULES, where, 'epsilonRule');
  return {normalize, epsilon, epsilonRule, keySumEpsilon: 0};
}

export function chunkOf(chunkSize: number | undefined, where: string): number | undefined {
  if (chunkSize !== undefined) checkInteger(chunkSize, where, 'chunkSize');
  return chunkSize;
}

/** What is checked of the tensors of every linear attention. */
export function checkTensors(
  q: tf.Tensor,
  k: tf.Tensor,
  v: tf.Tensor,
  options: {causal?: boolean; mask?: tf.Tensor; initialState?: LinearAttentionState; returnState?: boolean},
  where: string,
): void {
  const {causal = false, mask, initialState, returnState = false} = options;
  check(q.rank === 3 || q.rank === 4, where, 'q of shape [B, H, T, D] or [B, T, D]', q);
  const lead = q.shape.slice(0, -2);
  const [length, headSize] = q.shape.slice(-2);
  checkShape(k.shape, [...lead, null, headSize], where, 'k');
  const keys = k.shape[k.rank - 2];
  checkShape(v.shape, [...lead, keys, null], where, 'v');
  check(!causal || keys === length, where, `${length} keys with causal`, keys, 'Earlier keys enter by initialState.');
  checkShape(mask?.shape ?? [q.shape[0], keys], [q.shape[0], keys], where, 'mask (keys)', NO_MATRIX);
  const {bias} = options as {bias?: tf.Tensor};
  check(bias === undefined, where, 'no bias', bias, NO_MATRIX);
  const inParts = initialState !== undefined || returnState;
  check(causal || !inParts, where, 'causal: true with initialState or returnState', causal, NO_PARTS);
}

const NO_PARTS = 'Without it the first tokens would have to read those of later parts.';

const NO_MATRIX =
  'Linear attention has no scores that a mask of queries × keys could act on: use causal, or scaledDotProductAttention with a bias.';

/** A state belongs to its sequence: `[..., M, D + 1]`. */
export function checkState(
  state: LinearAttentionState | undefined,
  features: number,
  v: tf.Tensor,
  where: string,
): void {
  if (state === undefined) return;
  const channels = v.shape[v.rank - 1];
  checkShape(state.sums.shape, [...v.shape.slice(0, -2), features, channels + 1], where, 'initialState.sums');
}
