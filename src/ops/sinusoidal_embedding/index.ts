import * as tf from '@tensorflow/tfjs-core';

import {check, checkInteger, checkRange} from '../../internal/check.js';
import {checkOptions} from '../../internal/known_options.js';
import {tablesOnDevice} from '../rotary_embedding/tables.js';

/**
 * Sinusoidal position embedding, `y[..., 2t] = sin pθ_t`, `y[..., 2t + 1] = cos pθ_t` with θ_t = base^(−2t/D).
 *
 * @param positions `[T]` or `[B, T]`, int32 or float32.
 * @param channels D, even.
 * @param options `base`, 10000 by default.
 * @returns `[..., D]`, float32; no gradient flows to the positions.
 * @throws RangeError for an odd D.
 *
 * ```ts
 * tfa.sinusoidalEmbedding(tf.range(0, 3), 4).print(); // the first row is 0, 1, 0, 1
 * ```
 *
 * Reference: Vaswani et al. 2017, arXiv:1706.03762; bert4keras `SinusoidalPositionEmbedding`, whose float32 angles are
 * off by 3e-5 at position 511; here whole turns are dropped exactly.
 */
export function sinusoidalEmbedding(positions: tf.Tensor, channels: number, options: {base?: number} = {}): tf.Tensor {
  checkOptions(options, {base: true}, 'sinusoidalEmbedding');
  const {base = 10000} = options;
  checkInteger(channels, 'sinusoidalEmbedding', 'channels', 2);
  check(channels % 2 === 0, 'sinusoidalEmbedding', 'an even number of channels', channels);
  checkRange(base, 'sinusoidalEmbedding', 'base', [0, Number.POSITIVE_INFINITY], {low: true});
  return tf.tidy(() => {
    const {cos, sin} = tablesOnDevice(positions, channels / 2, base);
    return tf.reshape(tf.stack([sin, cos], -1), [...positions.shape, channels]);
  });
}
