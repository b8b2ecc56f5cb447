import * as tf from '@tensorflow/tfjs-core';

import {check, checkRange, checkShape} from '../../internal/check.js';
import {maskedScore} from '../../internal/numbers.js';
import {rememberFactors} from '../../internal/span_factors.js';
import {MASK_VALUES, spanVisibility} from '../../internal/span_visibility.js';
import {globalPointerScoresReference} from './reference.js';

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
  const scores = tf.tidy(() => {
    const keep = spanVisibility(length, mask, trilMask);
    return tf.customGrad((q, k, save) => {
      const inputs = [q, k] as tf.Tensor4D[];
      (save as tf.GradSaveFunc)(keep === undefined ? inputs : [...inputs, keep]);
      return {
        value: tf.tidy(() => globalPointerScoresReference(inputs[0], inputs[1], keep, scale, maskValue)),
        gradFunc: (dy: tf.Tensor, [q, k, keep]: tf.Tensor[]) =>
          tf.tidy(() => {
            const visible = keep === undefined ? dy : tf.mul(dy, tf.expandDims(keep, 1));
            const dScores = tf.mul(visible, scale);
            return [tf.matMul(dScores, k), tf.matMul(dScores, q, true, false)];
          }),
      };
    })(q, k) as tf.Tensor4D;
  });
  rememberFactors(scores, {q, k, options: {mask, trilMask, scale}});
  return scores;
}
