import * as tf from '@tensorflow/tfjs-core';

import {check, checkRange, checkShape} from '../../internal/check.js';
import {fusedKernel, runKernelOr} from '../../internal/kernels.js';
import {checkOptions} from '../../internal/known_options.js';
import {maskedScore} from '../../internal/numbers.js';
import {recomputed} from '../../internal/recomputed.js';
import {rememberFactors} from '../../internal/span_factors.js';
import {MASK_VALUES, spanVisibility} from '../../internal/span_visibility.js';
import {isTaping} from '../../internal/taping.js';
import {GraphedCalls} from '../../internal/tensorflow_graph/graphed_calls.js';
import {SPAN_SCORE_OPTIONS, type SpanScoreOptions} from '../global_pointer_scores/index.js';
import {registerSpanScores} from '../global_pointer_scores/kernels.js';
import {SPAN_SCORES} from '../global_pointer_scores/name.js';
import {rotatedSpans} from '../global_pointer_scores/rotation.js';
import {turn} from '../rotary_embedding/rotation.js';
import {spanSumsOnHost} from './host.js';
import {SPAN_SUMS} from './name.js';
import {efficientGlobalPointerScoresReference, spanSumsReference} from './reference.js';
import {spanSumsOnWebgpu} from './webgpu.js';

registerSpanScores();
fusedKernel(SPAN_SUMS, spanSumsOnWebgpu);
for (const backend of ['cpu', 'wasm']) fusedKernel(SPAN_SUMS, {...spanSumsOnHost, backend});

const graphs = new GraphedCalls('efficientGlobalPointerScores');

/**
 * Efficient GlobalPointer's score of each span (i, j) as an entity of each type h,
 *
 *   scores[b, h, i, j] = scale · q[b, i] · k[b, j] + bias[b, j, 2h] + bias[b, i, 2h + 1].
 *
 * All types share one span score; a type adds a score of its end (even channel) and of its start (odd channel).
 * Impossible cells are `maskValue`, through which no gradient flows. In training, `sparseGlobalPointerCrossentropy` of
 * these scores goes by `efficientGlobalPointerCrossentropy` while q, k and bias are there.
 *
 * @param q `[B, T, D]`, float32, rotated by position, here with `rotary`.
 * @param k `[B, T, D]`.
 * @param bias `[B, T, 2H]`.
 * @returns `[B, H, T, T]`, row = first token, column = last token of the span.
 * @throws RangeError for shapes that do not belong together.
 *
 * ```ts
 * const q = tf.randomNormal([1, 5, 4]) as tf.Tensor3D;
 * const bias = tf.zeros([1, 5, 6]) as tf.Tensor3D; // 3 types
 * tfa.efficientGlobalPointerScores(q, q, bias); // [1, 3, 5, 5]
 * ```
 *
 * Reference: kexue.fm/archives/8877; bert4keras `EfficientGlobalPointer`, whose halved bias is the caller's here.
 */
export function efficientGlobalPointerScores(
  q: tf.Tensor3D,
  k: tf.Tensor3D,
  bias: tf.Tensor3D,
  options: SpanScoreOptions = {},
): tf.Tensor4D {
  const where = 'efficientGlobalPointerScores';
  checkOptions(options, SPAN_SCORE_OPTIONS, where);
  check(q.rank === 3, where, 'q of shape [B, T, D]', q);
  checkShape(k.shape, q.shape, where, 'k');
  const [batch, length, headSize] = q.shape;
  checkShape(bias.shape, [batch, length, null], where, 'bias');
  check(bias.shape[2] % 2 === 0, where, 'bias with two channels a type', bias);
  const {mask, trilMask = true, scale = 1 / Math.sqrt(headSize), maskValue = maskedScore()} = options;
  if (mask !== undefined) checkShape(mask.shape, [batch, length], where, 'mask');
  checkRange(maskValue, where, 'maskValue', MASK_VALUES);
  const score = (): tf.Tensor4D => {
    const attrs = {scale, trilMask, maskValue};
    const {q: queries, k: keys, rotation} = rotatedSpans({q, k, bias, mask}, attrs, options.rotary, where);
    const turned = (x: Given[number], turns: Given[number], back?: boolean) =>
      (turns === undefined ? x : turn(x!, {...rotation!, turns}, back)) as tf.Tensor3D;
    const composed = ([q, k, bias]: Given, [mask, turns]: Given): tf.Tensor4D => {
      const keep = spanVisibility(length, mask, trilMask);
      const ofTypes = bias as tf.Tensor3D;
      return efficientGlobalPointerScoresReference(turned(q, turns), turned(k, turns), ofTypes, keep, scale, maskValue);
    };
    const turns = rotation?.turns;
    const make = () => [
      recomputed(composed, [queries, keys, bias], [mask, turns], {
        forward: ([q, k, bias], [mask, turns]) => [
          runKernelOr<tf.Tensor>(SPAN_SCORES, {q, k, bias, mask, turns}, {...attrs, layout: rotation?.layout}, () =>
            composed([q, k, bias], [mask, turns]),
          ) as tf.Tensor4D,
        ],
        backward: ([q, k], [mask, turns], dy) =>
          tf.tidy(() => {
            const [dSpans, dBias] = runKernelOr<tf.Tensor[]>(SPAN_SUMS, {dy, mask}, {scale, trilMask}, () =>
              spanSumsReference(dy as tf.Tensor4D, spanVisibility(length, mask, trilMask), scale),
            );
            const dq = tf.matMul(dSpans, turned(k, turns));
            const dk = tf.matMul(dSpans, turned(q, turns), true, false);
            return [turned(dq, turns, true), turned(dk, turns, true), dBias];
          }),
      }),
    ];
    const variant = Object.values(attrs).join();
    const [scores] = graphs.run([queries, keys, bias, mask, turns], make, {variant}) as [tf.Tensor4D];
    if (rotation === undefined) rememberFactors(scores, {q: queries, k: keys, bias, options: {mask, trilMask, scale}});
    return scores;
  };
  const keeps = options.rotary === undefined || isTaping(); // in training what was rotated here stays for the loss
  return keeps ? score() : tf.tidy(score);
}

type Given = (tf.Tensor | undefined)[];
