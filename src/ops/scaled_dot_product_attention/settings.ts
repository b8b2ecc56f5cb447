import type * as tf from '@tensorflow/tfjs-core';

import {check, checkRange} from '../../internal/check.js';
import {CounterRandom} from '../../internal/counter_random.js';
import {completeNormalization, type NormalizationOptions, type ScaledDotProductAttentionOptions} from './options.js';

/** Arguments of every layer with quadratic attention. */
export interface AttentionArgs extends NormalizationOptions {
  /** Whether scores are divided by √keySize, or the factor to use instead. Defaults to true. */
  attentionScale?: boolean | number;
  /** Fraction of the attention weights to drop in training, [0, 1). Defaults to 0. */
  attentionDropout?: number;
  /** A token sees itself and what came before only. Defaults to false. */
  causal?: boolean;
  /** Seed of the dropout: a seeded run repeats. Defaults to a random one. */
  seed?: number | null;
}

/** The checked attention arguments of a layer: gives the op its options, one dropout key a step, and the config. */
export class AttentionSettings {
  readonly random: CounterRandom;
  private readonly args: Required<AttentionArgs>;

  constructor(
    args: AttentionArgs,
    private readonly keySize: number,
    where: string,
  ) {
    const {attentionScale = true, attentionDropout = 0, causal = false, seed = null} = args;
    checkRange(attentionDropout, where, 'attentionDropout', [0, 1], {high: true});
    const isScale = typeof attentionScale === 'boolean' || Number.isFinite(attentionScale);
    check(isScale, where, 'attentionScale to be true, false or a number', attentionScale);
    this.args = {attentionScale, attentionDropout, causal, seed, ...completeNormalization(args, where)};
    this.random = new CounterRandom(seed);
  }

  /** The factor of q·k. */
  get scale(): number {
    const {attentionScale} = this.args;
    if (typeof attentionScale === 'number') return attentionScale;
    return attentionScale ? 1 / Math.sqrt(this.keySize) : 1;
  }

  /** Whether a call drops weights, at random and so each time others. */
  drops(training: boolean): boolean {
    return training && this.args.attentionDropout > 0;
  }

  /** Options of one call; in training with dropout each call takes the next key. */
  optionsOf(training: boolean): ScaledDotProductAttentionOptions {
    const {attentionDropout, causal, normalization, lengthBase, minLength, lengthNorm} = this.args;
    const seed = this.drops(training) ? this.random.nextKey() : undefined;
    const {scale} = this;
    return {
      causal,
      scale,
      normalization,
      lengthBase,
      minLength,
      lengthNorm,
      training,
      dropoutRate: attentionDropout,
      seed,
    };
  }

  getConfig(): tf.serialization.ConfigDict {
    return {...this.args};
  }
}
