import * as tf from '@tensorflow/tfjs-core';

import {check, checkRange, checkShape} from '../../internal/check.js';
import {runKernelOr} from '../../internal/kernels.js';
import {checkOptions, type OptionNames} from '../../internal/known_options.js';
import {maskedScore} from '../../internal/numbers.js';
import {recomputed} from '../../internal/recomputed.js';
import {rememberFactors} from '../../internal/span_factors.js';
import {MASK_VALUES, spanVisibility} from '../../internal/span_visibility.js';
import {isTaping} from '../../internal/taping.js';
import type {RotaryEmbeddingOptions} from '../rotary_embedding/index.js';
import {turn} from '../rotary_embedding/rotation.js';
import {registerSpanScores} from './kernels.js';
import {SPAN_SCORES} from './name.js';
import {globalPointerScoresReference} from './reference.js';
import {rotatedSpans} from './rotation.js';

registerSpanScores();

export interface SpanScoreOptions {
  /** Tokens to keep, `[B, T]` bool or int. */
  mask?: tf.Tensor;
  /** Blanks the cells whose end lies before their start. Defaults to true. */
  trilMask?: boolean;
  /**
   * Rotates q and k by their places 0 … T − 1 or by `positions` first, as `rotaryEmbedding` does; `{}` for its
   * defaults. On webgpu the kernels of scores and losses do it while they load them; that of Efficient GlobalPointer
   * not in training. Defaults to none.
   */
  rotary?: RotaryEmbeddingOptions;
  /** Factor of q·k. Defaults to 1/√D. */
  scale?: number;
  /**
   * Added to the score of impossible cells, at most −1e4, so that they are it up to rounding. Defaults to −1e12, or
   * −6e4 on backends with half floats.
   */
  maskValue?: number;
}

export const SPAN_SCORE_OPTIONS: OptionNames<SpanScoreOptions> = {
  mask: true,
  trilMask: true,
  rotary: true,
  scale: true,
  maskValue: true,
};

/**
 * GlobalPointer's score of each span (i, j) as an entity of each type,
 *
 *   scores[b, h, i, j] = scale · q[b, h, i] · k[b, h, j]
 *
 * for unpadded i and j with j ≥ i, and `maskValue` elsewhere, through which no gradient flows.
 *
 * @param q `[B, H, T, D]`, float32: one query a type, rotated by position for GlobalPointer, here with `rotary`.
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
  checkOptions(options, SPAN_SCORE_OPTIONS, where);
  check(q.rank === 4, where, 'q of shape [B, H, T, D]', q);
  checkShape(k.shape, q.shape, where, 'k');
  const [batch, , length, headSize] = q.shape;
  const {mask, trilMask = true, scale = 1 / Math.sqrt(headSize), maskValue = maskedScore()} = options;
  if (mask !== undefined) checkShape(mask.shape, [batch, length], where, 'mask');
  checkRange(maskValue, where, 'maskValue', MASK_VALUES);
  const score = (): tf.Tensor4D => {
    const attrs = {scale, trilMask, maskValue};
    const {q: queries, k: keys, rotation} = rotatedSpans({q, k, mask}, attrs, options.rotary, where);
    const turned = (x: Given[number], turns: Given[number], back?: boolean) =>
      (turns === undefined ? x : turn(x!, {...rotation!, turns}, back)) as tf.Tensor4D;
    const composed = ([q, k]: Given, [mask, turns]: Given): tf.Tensor4D => {
      const keep = spanVisibility(length, mask, trilMask);
      return globalPointerScoresReference(turned(q, turns), turned(k, turns), keep, scale, maskValue);
    };
    const scores = recomputed(composed, [queries, keys], [mask, rotation?.turns], {
      forward: ([q, k], [mask, turns]) => [
        runKernelOr<tf.Tensor>(SPAN_SCORES, {q, k, mask, turns}, {...attrs, layout: rotation?.layout}, () =>
          composed([q, k], [mask, turns]),
        ) as tf.Tensor4D,
      ],
      backward: ([q, k], [mask, turns], dy) =>
        tf.tidy(() => {
          const dScores = slopesOfProducts(dy, spanVisibility(length, mask, trilMask), scale);
          const [dq, dk] = [tf.matMul(dScores, turned(k, turns)), tf.matMul(dScores, turned(q, turns), true, false)];
          return [turned(dq, turns, true), turned(dk, turns, true)];
        }),
    });
    rememberFactors(scores, {q: queries, k: keys, rotation, options: {mask, trilMask, scale}});
    return scores;
  };
  const keeps = options.rotary === undefined || isTaping(); // in training what was made here stays for the loss
  return keeps ? score() : tf.tidy(score);
}

type Given = (tf.Tensor | undefined)[];

/** `dy · scale` where `keep` is 1 and 0 elsewhere, in one pass over the scores. */
function slopesOfProducts(dy: tf.Tensor, keep: tf.Tensor3D | undefined, scale: number): tf.Tensor {
  return tf.mul(dy, keep === undefined ? scale : tf.expandDims(tf.mul(keep, scale), 1));
}
