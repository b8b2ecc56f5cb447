import * as tf from '@tensorflow/tfjs-core';

import {check, checkShape} from '../../internal/check.js';
import {recomputed} from '../../internal/recomputed.js';
import {splitBias} from '../scaled_dot_product_attention/options.js';
import {gatedAttentionForward} from './forward.js';
import {gatedAttentionGradients} from './gradient.js';
import type {GatedAttentionOptions, ScaleOffsetWeights} from './options.js';
import type {ProjectedParts} from './parts.js';
import {gatedAttentionReference} from './reference.js';

/**
 * The core of a gated attention unit, between its two projections:
 *
 *   u, v, z = activation(split(h));   q = rotate(γq ⊙ z + βq);   k = rotate(γk ⊙ z + βk)
 *   y = u ⊙ attention(q, k, v)
 *
 * For the backward pass the parts of h are held, and the attention's output and weights while the weights take no more
 * memory than its inputs; the activated parts are computed again, but on `tensorflow`, where memory is plenty.
 *
 * @param hidden `[B, T, 2U + S]`, float32: the projection before its activation.
 * @param units U, the width of gate and value.
 * @param query Scale and offset of the queries.
 * @param key Scale and offset of the keys.
 * @returns `[B, T, U]`.
 *
 * Reference: Hua et al. 2022, arXiv:2202.10447; bert4keras `GatedAttentionUnit`.
 */
export function gatedAttention(
  hidden: tf.Tensor3D,
  units: number,
  query: ScaleOffsetWeights,
  key: ScaleOffsetWeights,
  options: GatedAttentionOptions,
): tf.Tensor3D {
  const where = 'gatedAttention';
  check(hidden.rank === 3, where, 'hidden of shape [B, T, 2U + S]', hidden);
  const keySize = hidden.shape[2] - 2 * units;
  for (const {gamma, beta} of [query, key]) {
    checkShape(gamma.shape, [keySize], where, 'gamma');
    if (beta !== undefined) checkShape(beta.shape, [keySize], where, 'beta');
  }
  const {mask, positions} = options;
  const {allowed, floatBias} = splitBias(options.bias);
  return tf.tidy(() => {
    const parts = tf.split(hidden, [units, units, keySize], 2);
    return recomputed(
      (inputs, constants) => gatedAttentionReference(...restore(inputs, constants)),
      [...parts, query.gamma, query.beta, key.gamma, key.beta, floatBias],
      [mask, allowed, positions],
      {
        forward: (inputs, constants) => gatedAttentionForward(...restore(inputs, constants)),
        backward: (inputs, constants, dy, held) => {
          const gradients = gatedAttentionGradients(...restore(inputs, constants), dy, held);
          const {parts, query, key} = gradients;
          return [...parts, query.gamma, query.beta, key.gamma, key.beta, gradients.floatBias].filter(isTensor);
        },
      },
    ) as tf.Tensor3D;
  });

  /** The arguments again, from the tensors that the backward pass has. */
  function restore(
    [gate, value, z, gammaQ, betaQ, gammaK, betaK, floatBias]: (tf.Tensor | undefined)[],
    [mask, allowed, positions]: (tf.Tensor | undefined)[],
  ): Parameters<typeof gatedAttentionReference> {
    return [
      [gate, value, z] as ProjectedParts,
      {gamma: gammaQ as tf.Tensor1D, beta: betaQ as tf.Tensor1D | undefined},
      {gamma: gammaK as tf.Tensor1D, beta: betaK as tf.Tensor1D | undefined},
      {...options, mask, bias: [allowed, floatBias].filter(isTensor), positions},
    ];
  }
}

const isTensor = (value: tf.Tensor | undefined): value is tf.Tensor => value !== undefined;
