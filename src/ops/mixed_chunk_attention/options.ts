import type * as tf from '@tensorflow/tfjs-core';

import {check, checkInteger, checkOneOf} from '../../internal/check.js';

export const DIVISORS = ['tokens', 'chunk'] as const;
export const CHUNK_ACTIVATIONS = ['squaredRelu', 'laplace'] as const;
export const LINEAR_SCOPES = ['sequence', 'chunk'] as const;

export interface MixedChunkSettings {
  /** Tokens C that attend to one another quadratically. Defaults to 256. */
  chunkSize?: number;
  /** Token i sees the tokens j ≤ i only. Defaults to false. */
  causal?: boolean;
  /**
   * `'tokens'` (Su): scores are divided by √(C·S), the linear part by the number of tokens that it sums.
   * `'chunk'` (FLASH-pytorch): scores by C, the linear part by T, or by C with `causal`. Defaults to `'tokens'`.
   */
  divisor?: (typeof DIVISORS)[number];
  /**
   * What makes scores weights: `'squaredRelu'`, max(x, 0)², or `'laplace'`, its smooth bounded form. Defaults to
   * `'squaredRelu'`.
   */
  activation?: (typeof CHUNK_ACTIVATIONS)[number];
  /**
   * Whether the linear part reads all chunks or, without `causal`, its own `'chunk'` only. Defaults to `'sequence'`.
   */
  linearScope?: (typeof LINEAR_SCOPES)[number];
}

/** The tensors of `mixedChunkAttention`. */
export interface MixedChunkInputs<T> {
  /** `[B, T, S]`, queries of the quadratic part. */
  quadQuery: T;
  /** `[B, T, S]`. */
  quadKey: T;
  /** `[B, T, S]`, queries of the linear part. */
  linearQuery: T;
  /** `[B, T, S]`. */
  linearKey: T;
  /** `[B, T, E]`. */
  value: T;
}

export interface MixedChunkAttentionOptions extends MixedChunkSettings {
  /** Keys to keep, `[B, T]` bool or int: the others are as if removed. */
  mask?: tf.Tensor;
  /** Added to the scores of each chunk, `[C, C]`, or `[T, T]` where the sequence is shorter than C. */
  bias?: tf.Tensor2D;
}

/** Checks the settings of an op or a layer, and completes them. */
export function completeMixedChunk(settings: MixedChunkSettings, where: string): Required<MixedChunkSettings> {
  const {chunkSize = 256, causal = false, divisor = 'tokens'} = settings;
  const {activation = 'squaredRelu', linearScope = 'sequence'} = settings;
  checkInteger(chunkSize, where, 'chunkSize');
  checkOneOf(divisor, DIVISORS, where, 'divisor');
  checkOneOf(activation, CHUNK_ACTIVATIONS, where, 'activation');
  checkOneOf(linearScope, LINEAR_SCOPES, where, 'linearScope');
  const reads = !causal || linearScope === 'sequence';
  check(reads, where, "linearScope 'sequence' with causal", linearScope, 'The linear part reads the chunks before.');
  return {chunkSize, causal, divisor, activation, linearScope};
}
