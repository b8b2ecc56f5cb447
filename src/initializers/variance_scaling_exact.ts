import * as tf from '@tensorflow/tfjs-core';

import {check, checkOneOf, checkRange} from '../internal/check.js';
import {Initializer} from '../internal/initializer_class.js';
import {withKnownOptions} from '../internal/known_options.js';

const MODES = ['fanIn', 'fanOut', 'fanAvg', 'fanGeo', 'fanQuad'] as const;
const DISTRIBUTIONS = ['truncatedNormal', 'normal', 'uniform'] as const;

export interface VarianceScalingExactArgs {
  /** Factor of the variance, above 0. Default 1. */
  scale?: number;
  /** What the variance is divided by. Default `'fanAvg'`. */
  mode?: (typeof MODES)[number];
  /** Default `'truncatedNormal'`, cut at two standard deviations. */
  distribution?: (typeof DISTRIBUTIONS)[number];
  /** A seeded initializer repeats. Default none. */
  seed?: number | null;
}

/** A normal distribution that is cut at ±2σ has the variance 0.7737413 σ². */
const CUT_NORMAL = 1 / Math.sqrt(0.7737413035);

/**
 * Random weights of variance scale / n, where n averages fan-in m and fan-out n of the shape: `fanIn` m, `fanOut` n,
 * `fanAvg` (m + n)/2, `fanGeo` √(mn), with which two layers m → n → m keep the variance, `fanQuad` (m² + n²)/(m + n).
 *
 * `tf.initializers.varianceScaling` has the first three, and a truncated normal whose variance is 23 % too small.
 *
 * - Shape: rank 2 and above; leading axes of kernels of convolutions are the receptive field.
 *
 * ```ts
 * const kernelInitializer = tfa.initializers.varianceScalingExact({mode: 'fanGeo', seed: 1});
 * tf.layers.dense({units: 3072, inputShape: [768], kernelInitializer});
 * ```
 *
 * Reference: Su, blogs 8620 and 8725.
 */
export class VarianceScalingExact extends Initializer {
  static readonly className = 'VarianceScalingExact';

  private readonly args: Required<VarianceScalingExactArgs>;

  constructor({
    scale = 1,
    mode = 'fanAvg',
    distribution = 'truncatedNormal',
    seed = null,
  }: VarianceScalingExactArgs = {}) {
    super();
    const where = 'VarianceScalingExact';
    checkRange(scale, where, 'scale', [0, Number.MAX_VALUE], {low: true});
    checkOneOf(mode, MODES, where, 'mode');
    checkOneOf(distribution, DISTRIBUTIONS, where, 'distribution');
    this.args = {scale, mode, distribution, seed};
  }

  override apply(shape: number[]): tf.Tensor {
    const {scale, mode, distribution} = this.args;
    const seed = this.args.seed ?? undefined;
    const deviation = Math.sqrt(scale / average(shape, mode));
    const limit = Math.sqrt(3) * deviation;
    switch (distribution) {
      case 'truncatedNormal':
        return tf.truncatedNormal(shape, 0, deviation * CUT_NORMAL, 'float32', seed);
      case 'normal':
        return tf.randomNormal(shape, 0, deviation, 'float32', seed);
      case 'uniform':
        return tf.randomUniform(shape, -limit, limit, 'float32', seed);
    }
  }

  override getConfig(): tf.serialization.ConfigDict {
    return {...this.args};
  }
}

/** `new VarianceScalingExact(args)`. */
export const varianceScalingExact = (args?: VarianceScalingExactArgs): VarianceScalingExact =>
  withKnownOptions(new VarianceScalingExact(args), args);

function average(shape: number[], mode: (typeof MODES)[number]): number {
  const size = tf.util.sizeFromShape(shape);
  check(shape.length >= 2 && size > 0, 'VarianceScalingExact', 'a shape of rank 2 or more', {shape});
  const [channels, filters] = shape.slice(-2);
  const [m, n] = [size / filters, size / channels];
  return {fanIn: m, fanOut: n, fanAvg: (m + n) / 2, fanGeo: Math.sqrt(m * n), fanQuad: (m * m + n * n) / (m + n)}[mode];
}

tf.serialization.registerClass(VarianceScalingExact);
