import * as tf from '@tensorflow/tfjs-core';

import {check, checkRange, checkShape} from '../../internal/check.js';
import {runKernelOr} from '../../internal/kernels.js';
import {maskedScore} from '../../internal/numbers.js';
import {recomputed} from '../../internal/recomputed.js';
import {rememberFactors} from '../../internal/span_factors.js';
import {MASK_VALUES, spanVisibility} from '../../internal/span_visibility.js';
import {registerSpanScores} from './kernels.js';
import {SPAN_SCORES} from './name.js';
import {globalPointerScoresReference} from './reference.js';

registerSpanScores();

export interface SpanScoreOptions {
  /** Tokens to keep, `[B, T]` bool or int. */
  mask?: tf.Tensor;
  /** Blanks the cells whose end lies before their start. Defaults to true. */
  trilMask?: boolean;
  /** Factor of q·k. Defaults to 1/√D. */
  scale?: number;
  /** Added to the score of impossible cells, at most −1e4, so that they are it up to rounding. Defaults to −1e12, or −6e4 on backends with half floats. */
  maskValue?: number;
}

/**
 * GlobalPointer's score of each span (i, j) as an entity of each type,
 *
 *   scores[b, h, i, j] = scale · q[b, h, i] · k[b, h, j]
 *
 * for unpadded i and j with j ≥ i, and `maskValue` elsewhere, through which no gradient flows.
 *
 * @param q `[B, H, T, D]`, float32: one query a type, rotated by position for GlobalPointer.
 * @param k `[B, H, T, D]`.
 * @returns `[B, H, T, T]`, row = first token, column = last token of the span.
 * @throws RangeError for shapes that do not belong together.
 *
 * ```ts
 * const q = tf.randomNormal([1, 2, 5, 4]) as tf.Tensor4D; // 2 types, 5 tokens
 * tfa.globalPointerScores(q, q); // [1, 2, 5, 5]
 * ```
 *
 * Reference: Su et al. 2022, arXiv:2208.03054; kexue.fm/archives/8373. bert4keras masks with −Infinity, which shaders
 * may not represent; pass `maskValue: -Infinity` for that.
 */
export function globalPointerScores(q: tf.Tensor4D, k: tf.Tensor4D, options: SpanScoreOptions = {}): tf.Tensor4D {
  const where = 'globalPointerScores';
  check(q.rank === 4, where, 'q of shape [B, H, T, D]', q);
  checkShape(k.shape, q.shape, where, 'k');
  const [batch, , length, headSize] = q.shape;
  const {mask, trilMask = true, scale = 1 / Math.sqrt(headSize), maskValue = maskedScore()} = options;
  if (mask !== undefined) checkShape(mask.shape, [batch, length], where, 'mask');
  checkRange(maskValue, where, 'maskValue', MASK_VALUES);
  const attrs = {scale, trilMask, maskValue};
  const composed = ([q, k]: Given, [mask]: Given): tf.Tensor4D => {
    const keep = spanVisibility(length, mask, trilMask);
    return globalPointerScoresReference(q as tf.Tensor4D, k as tf.Tensor4D, keep, scale, maskValue);
  };
  const scores = recomputed(composed, [q, k], [mask], {
    forward: ([q, k], [mask]) => [
      runKernelOr<tf.Tensor>(SPAN_SCORES, {q, k, mask}, attrs, () => composed([q, k], [mask])) as tf.Tensor4D,
    ],
    backward: ([q, k], [mask], dy) =>
      tf.tidy(() => {
        const dScores = slopesOfProducts(dy, spanVisibility(length, mask, trilMask), scale);
        return [tf.matMul(dScores, k as tf.Tensor), tf.matMul(dScores, q as tf.Tensor, true, false)];
      }),
  });
  rememberFactors(scores, {q, k, options: {mask, trilMask, scale}});
  return scores;
}

type Given = (tf.Tensor | undefined)[];

/** `dy · scale` where `keep` is 1 and 0 elsewhere, in one pass over the scores. */
function slopesOfProducts(dy: tf.Tensor, keep: tf.Tensor3D | undefined, scale: number): tf.Tensor {
  return tf.mul(dy, keep === undefined ? scale : tf.expandDims(tf.mul(keep, scale), 1));
}
