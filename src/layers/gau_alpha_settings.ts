import {check, checkInteger} from '../internal/check.js';
import type {GatedAttentionUnitArgs} from './gated_attention_unit.js';
import type {RmsNormalizationArgs} from './rms_normalization.js';

export interface GauAlphaSettings {
  /** Arguments of each {@link GatedAttentionUnit}. */
  attention: GatedAttentionUnitArgs;
  /** Arguments of the {@link RmsNormalization} after each residual. */
  normalization: RmsNormalizationArgs;
}

/**
 * The post-norm block of GAU-α, `x ← N(x + dropout(GAU(x)))` with `N(y) = y / √(mean(y²) + ε)`.
 *
 * No biases, softmaxPlus, rotary; kernels start from a truncated normal of deviation 1.13684723 / √fan · L^(−1/3),
 * which keeps the update of a block near 1 % of its input, so that deep stacks train without warm-up.
 *
 * @param options Of the model.
 * @param options.layers L, the number of blocks. Defaults to 24.
 * @param options.units Defaults to 1536.
 * @param options.keySize Defaults to 128.
 * @param options.release `'2022'` reproduces the released GAU-α weights: no clamp of short lengths and ε = 1e-12.
 * @returns Arguments to spread into the layers.
 * @throws RangeError for sizes that are not positive integers.
 *
 * ```ts
 * const {attention, normalization} = tfa.layers.gauAlphaSettings({layers: 2, units: 16, keySize: 8});
 * let x = tf.input({shape: [null, 8]});
 * for (let i = 0; i < 2; i++) {
 *   const y = tfa.layers.gatedAttentionUnit(attention).apply(x) as tf.SymbolicTensor;
 *   x = tfa.layers.rmsNormalization(normalization).apply(tf.layers.add().apply([x, y])) as tf.SymbolicTensor;
 * }
 * ```
 *
 * Reference: ZhuiyiTechnology/GAU-alpha `models.py`; kexue.fm/archives/9052 and 8990.
 */
export function gauAlphaSettings({
  layers = 24,
  units = 1536,
  keySize = 128,
  release = 'current',
}: {
  layers?: number;
  units?: number;
  keySize?: number;
  release?: 'current' | '2022';
} = {}): GauAlphaSettings {
  checkInteger(layers, 'gauAlphaSettings', 'layers');
  check(release === 'current' || release === '2022', 'gauAlphaSettings', "release to be 'current' or '2022'", release);
  const truncation = 1.13684723; // restores the variance that cutting at two deviations takes
  const scale = (truncation * layers ** (-1 / 3)) ** 2;
  return {
    attention: {
      units,
      keySize,
      useBias: false,
      normalization: 'softmaxPlus',
      minLength: release === '2022' ? 1 : 16,
      pBias: 'rotary',
      kernelInitializer: {className: 'VarianceScaling', config: {scale, mode: 'fanIn', distribution: 'normal'}},
    },
    normalization: {scale: false, epsilon: release === '2022' ? 1e-12 : 1e-7},
  };
}
