import * as tf from '@tensorflow/tfjs-core';

import {blankCells} from '../../internal/span_visibility.js';
import {isTaping} from '../../internal/taping.js';
import {multilabelGradient, multilabelLogSums} from '../multilabel_crossentropy/index.js';

export interface Head {
  /** `[B, H, T, D]` */
  q: tf.Tensor4D;
  /** `[B, H, T, D]` */
  k: tf.Tensor4D;
  /** 1 where a cell is possible, `[1 | B, T, T]`; `undefined` for all. */
  keep?: tf.Tensor3D;
  scale: number;
}

export interface TypeLossOptions {
  threshold: number;
  maskZero: boolean;
}

/**
 * The loss `[B, H]` of the spans `[B, H, K, 2]`, of one type at a time.
 *
 * @param scores `[B, H, T, T]` of the head where they exist; without them those of a type are computed, and once more
 *   for the gradient.
 */
export function lossByType(
  {q, k, keep, scale}: Head,
  spans: tf.Tensor4D,
  {threshold, maskZero}: TypeLossOptions,
  scores?: tf.Tensor4D,
): tf.Tensor2D {
  const [, heads, length] = q.shape;
  const attrs = {form: 'spans', threshold, maskZero, side: length} as const;
  const types = Array.from({length: heads}, (_, type) => type);
  const optional = [keep, scores].map(x => x !== undefined);
  const op = tf.customGrad((...args) => {
    const [q, k, save] = args as unknown as [tf.Tensor4D, tf.Tensor4D, tf.GradSaveFunc];
    save([q, k, spans, ...[keep, scores].filter(x => x !== undefined)]);
    return {
      value: tf.tidy(() => {
        const losses = types.map(type =>
          tf.tidy(() => {
            const logits = scores === undefined ? scoresOf(type, {q, k, keep, scale}) : rowsOf(scores, type);
            return tf.sum(multilabelLogSums(ofType(spans, type), logits, attrs)[0], 1);
          }),
        );
        return tf.stack(losses, 1);
      }),
      gradFunc: (dy, saved) => {
        const [q, k, spans, ...rest] = saved as tf.Tensor4D[];
        const keep = optional[0] ? (rest.shift() as unknown as tf.Tensor3D) : undefined;
        const scores = optional[1] ? rest.shift() : undefined;
        const parts = types.map(type =>
          tf.tidy(() => {
            // Scores that came from outside are a constant for second derivatives.
            const known = scores === undefined || isTaping() ? undefined : rowsOf(scores, type);
            const logits = known ?? scoresOf(type, {q, k, keep, scale});
            const labels = ofType(spans, type) as tf.Tensor3D;
            const [logs, cells] = multilabelLogSums(labels, logits, attrs);
            const slope = tf.squeeze(tf.slice(dy as tf.Tensor2D, [0, type], [-1, 1]), [1]) as tf.Tensor1D;
            const rows = multilabelGradient(slope, {labels, logits, logs, cells}, attrs);
            const all = tf.mul(tf.reshape(rows, [-1, length, length]), scale);
            const cellsOfType = keep === undefined ? all : tf.mul(all, keep);
            const [ownQ, ownK] = [ofType(q, type), ofType(k, type)];
            return [tf.matMul(cellsOfType, ownK), tf.matMul(cellsOfType, ownQ, true, false)];
          }),
        );
        return [0, 1].map(i =>
          tf.stack(
            parts.map(part => part[i]),
            1,
          ),
        );
      },
    };
  });
  return op(q, k) as tf.Tensor2D;
}

/** `[B, H, ...]` to `[B, ...]`. */
function ofType(x: tf.Tensor4D, type: number): tf.Tensor3D {
  const [batch, , ...rest] = x.shape;
  return tf.reshape(tf.slice(x, [0, type, 0, 0], [batch, 1, ...rest]), [batch, ...rest]);
}

/** `[B, T²]`. */
const rowsOf = (scores: tf.Tensor4D, type: number): tf.Tensor2D =>
  tf.reshape(ofType(scores, type), [scores.shape[0], scores.shape[2] * scores.shape[3]]);

/** `[B, T²]`; impossible cells are absent. */
function scoresOf(type: number, {q, k, keep, scale}: Head): tf.Tensor2D {
  const [batch, , length] = q.shape;
  const products = tf.matMul(tf.mul(ofType(q, type), scale), ofType(k, type), false, true);
  const scores = keep === undefined ? products : tf.add(products, blankCells(keep, Number.NEGATIVE_INFINITY));
  return tf.reshape(scores, [batch, length * length]);
}
