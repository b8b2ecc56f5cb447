import * as tf from '@tensorflow/tfjs-core';

import {checkInteger, checkOneOf} from '../../internal/check.js';
import {CounterRandom} from '../../internal/counter_random.js';
import {checkOptions} from '../../internal/known_options.js';
import {dot, orthogonalFeatures} from './orthogonal.js';

export const FEATURE_SCALINGS = ['random', 'fixed'] as const;

export interface OrthogonalRandomFeaturesOptions {
  /**
   * Length of the rows: `'random'`, that of an independent Gaussian vector, which makes the kernel estimate unbiased;
   * `'fixed'`, √cols, which has less variance. Defaults to `'random'`.
   */
  scaling?: (typeof FEATURE_SCALINGS)[number];
  /** The same seed gives the same matrix on every backend. Defaults to a random one. */
  seed?: number;
}

/**
 * A Gaussian random matrix whose rows are orthogonal inside each block of `cols` rows, the projection Ω of
 * {@link favorPlusFeatures}: the rows spread out more evenly than independent ones, so that the same number of
 * features estimates the softmax kernel better.
 *
 * Computed on the host in double precision, in time O(rows · cols²).
 *
 * @param rows Number of features M.
 * @param cols Channels D of a query.
 * @returns `[rows, cols]`, float32.
 *
 * ```ts
 * const projection = tfa.orthogonalRandomFeatures(64, 16, {seed: 1});
 * ```
 *
 * Reference: Choromanski et al. 2020, arXiv:2009.14794; google-research `GaussianOrthogonalRandomMatrix`
 * (scaling 0 is `'random'`, 1 is `'fixed'`).
 */
export function orthogonalRandomFeatures(
  rows: number,
  cols: number,
  options: OrthogonalRandomFeaturesOptions = {},
): tf.Tensor2D {
  const where = 'orthogonalRandomFeatures';
  checkOptions(options, {scaling: true, seed: true}, where);
  const {scaling = 'random', seed} = options;
  checkInteger(rows, where, 'rows');
  checkInteger(cols, where, 'cols');
  checkOneOf(scaling, FEATURE_SCALINGS, where, 'scaling');
  if (seed !== undefined) checkInteger(seed, where, 'seed', Number.MIN_SAFE_INTEGER);
  const normal = normalSource(seed);
  const blocks = Array.from({length: Math.ceil(rows / cols)}, () => Array.from({length: cols}, () => normal(cols)));
  const lengths = Array.from({length: rows}, () => {
    if (scaling === 'fixed') return Math.sqrt(cols);
    const vector = normal(cols);
    return Math.sqrt(dot(vector, vector));
  });
  const flat = new Float32Array(rows * cols);
  orthogonalFeatures(blocks, lengths).forEach((row, i) => {
    flat.set(row, i * cols);
  });
  return tf.tensor2d(flat, [rows, cols]);
}

/** Makes vectors of independent standard normal numbers, by the Box–Muller transform. */
function normalSource(seed: number | undefined): (size: number) => Float64Array {
  const random = new CounterRandom(seed);
  const uniform = () => (random.nextKey() + 0.5) / 2 ** 32;
  return size =>
    Float64Array.from({length: size}, () => Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform()));
}
