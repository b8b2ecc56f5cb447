import * as tf from '@tensorflow/tfjs-core';

import {check, checkInteger, checkOneOf, checkRange} from '../../internal/check.js';
import type {OptionNames} from '../../internal/known_options.js';
import type {RotaryEmbeddingOptions} from '../rotary_embedding/index.js';

export const NORMALIZATIONS = ['softmax', 'softmaxPlus', 'squaredRelu'] as const;

/** How scores become weights; see `scaledDotProductAttention`. */
export type Normalization = (typeof NORMALIZATIONS)[number];

/** How attention scores become weights. */
export interface NormalizationOptions {
  /** `'softmax'`, `'softmaxPlus'` (entropy-invariant) or `'squaredRelu'`. Defaults to `'softmax'`. */
  normalization?: Normalization;
  /** softmaxPlus: the length at which the scores are scaled by 1. Defaults to 512. */
  lengthBase?: number;
  /** softmaxPlus: shorter lengths count as this one. Defaults to 16; 1 switches the clamp off. */
  minLength?: number;
  /** squaredRelu: the divisor, `'row'` for the visible keys of each row or a fixed number. Defaults to `'row'`. */
  lengthNorm?: number | 'row';
}

export interface ScaledDotProductAttentionOptions extends NormalizationOptions {
  /** Keys to keep, `[B, S]` bool or int. */
  mask?: tf.Tensor;
  /** Broadcastable to `[B, H, T, S]`, one or several. Bool: AND-ed with the mask. Float: added to the scaled scores. */
  bias?: tf.Tensor | readonly tf.Tensor[];
  /** Row i sees the keys j ≤ i + S − T only. Defaults to false. */
  causal?: boolean;
  /**
   * Rotates queries and keys by their places 0 … T − 1 and 0 … S − 1 first, or by `positions`, which are those of both,
   * as `rotaryEmbedding` does; `{}` for its defaults. On webgpu the kernel does it while it loads them, and rotates
   * their gradients back. Defaults to none.
   */
  rotary?: RotaryEmbeddingOptions;
  /** Factor of q·k. Defaults to 1/√D. */
  scale?: number;
  /** Fraction of the weights to drop in training, [0, 1). Defaults to 0. */
  dropoutRate?: number;
  /** Key of the dropout bits: the same seed drops the same weights. Required when dropout acts. */
  seed?: number;
  /** Whether dropout acts. Defaults to false. */
  training?: boolean;
}

/** Those of attention but dropout, which comes after the weights. */
export type AttentionWeightsOptions = Omit<ScaledDotProductAttentionOptions, 'dropoutRate' | 'seed' | 'training'>;

export const WEIGHTS_OPTIONS: OptionNames<AttentionWeightsOptions> = {
  ...{normalization: true, lengthBase: true, minLength: true, lengthNorm: true},
  ...{mask: true, bias: true, causal: true, rotary: true, scale: true},
};

export const ATTENTION_OPTIONS: OptionNames<ScaledDotProductAttentionOptions> = {
  ...WEIGHTS_OPTIONS,
  ...{dropoutRate: true, seed: true, training: true},
};

/** Options with their defaults, checked. */
export interface AttentionPlan extends Required<NormalizationOptions> {
  causal: boolean;
  scale: number;
  dropoutRate: number;
  seed: number;
}

/** Checks the normalisation arguments of an op or a layer, and completes them. */
export function completeNormalization(
  {normalization = 'softmax', lengthBase = 512, minLength = 16, lengthNorm = 'row'}: NormalizationOptions,
  where: string,
): Required<NormalizationOptions> {
  checkOneOf(normalization, NORMALIZATIONS, where, 'normalization');
  checkRange(lengthBase, where, 'lengthBase', [1, Number.POSITIVE_INFINITY], {low: true});
  checkInteger(minLength, where, 'minLength');
  const divisor = lengthNorm === 'row' || (typeof lengthNorm === 'number' && lengthNorm > 0);
  check(divisor, where, "lengthNorm to be 'row' or a positive number", lengthNorm);
  return {normalization, lengthBase, minLength, lengthNorm};
}

export function planOf(options: ScaledDotProductAttentionOptions, headSize: number, where: string): AttentionPlan {
  const {causal = false, scale = 1 / Math.sqrt(headSize), dropoutRate = 0, training = false, seed} = options;
  checkRange(dropoutRate, where, 'dropoutRate', [0, 1], {high: true});
  check(Number.isFinite(scale), where, 'a finite scale', scale);
  const drops = training && dropoutRate > 0;
  check(
    !drops || Number.isInteger(seed),
    where,
    'an integer seed when dropout acts',
    seed,
    'Pass another one at each step, or every step drops the same weights.',
  );
  return {
    ...completeNormalization(options, where),
    causal,
    scale,
    dropoutRate: drops ? dropoutRate : 0,
    seed: seed ?? 0,
  };
}

/** The boolean and the float part of `bias`, each one tensor or absent. */
export function splitBias(bias: ScaledDotProductAttentionOptions['bias']): {
  allowed?: tf.Tensor;
  floatBias?: tf.Tensor;
} {
  const list = bias === undefined ? [] : Array.isArray(bias) ? (bias as tf.Tensor[]) : [bias as tf.Tensor];
  const bools = list.filter(({dtype}) => dtype === 'bool');
  const floats = list.filter(({dtype}) => dtype !== 'bool');
  return {
    allowed: bools.length === 0 ? undefined : bools.reduce((both, mask) => tf.logicalAnd(both, mask)),
    floatBias: floats.length === 0 ? undefined : floats.reduce((sum, one) => tf.add(sum, one)),
  };
}
