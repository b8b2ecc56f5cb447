import * as tf from '@tensorflow/tfjs-core';

import {spanVisibility} from '../../internal/span_visibility.js';
import {globalPointerScores} from '../global_pointer_scores/index.js';
import {multilabelCrossentropy} from '../multilabel_crossentropy/index.js';
import type {SpanAttrs} from './name.js';

/** The loss `[B, H]` by way of the scores: the ground truth. A label on an impossible cell counts as padding. */
export function spanCrossentropyReference(
  q: tf.Tensor4D,
  k: tf.Tensor4D,
  spans: tf.Tensor4D,
  mask: tf.Tensor | undefined,
  {scale, trilMask, threshold, maskZero}: SpanAttrs,
): tf.Tensor2D {
  const [batch, heads, length] = q.shape;
  return tf.tidy(() => {
    const scores = globalPointerScores(q, k, {mask, trilMask, scale});
    const logits = tf.reshape(scores, [batch * heads, length * length]) as tf.Tensor2D;
    const rows = tf.reshape(possibleSpans(spans, length, mask, trilMask), [batch * heads, -1, 2]);
    const loss = multilabelCrossentropy(rows, logits, {form: 'spans', threshold, maskZero, side: length});
    return tf.reshape(loss, [batch, heads]);
  });
}

/** The spans, with (−1, −1) for those of impossible cells. */
function possibleSpans(
  spans: tf.Tensor4D,
  length: number,
  mask: tf.Tensor | undefined,
  trilMask: boolean,
): tf.Tensor4D {
  const keep = spanVisibility(length, mask, trilMask);
  if (keep === undefined) return spans;
  const [batch, heads, count] = spans.shape;
  const tokens = tf.range(0, length, 1, 'int32');
  const flat = tf.reshape(spans, [batch, heads * count, 2]);
  const [starts, ends] = tf
    .unstack(flat, 2)
    .map(x => tf.cast(tf.equal(tf.expandDims(x, 2), tokens), 'float32')) as tf.Tensor3D[]; // [B, P, T]
  const cells = tf.tile(keep, [batch / keep.shape[0], 1, 1]);
  const possible = tf.sum(tf.mul(tf.matMul(starts, cells), ends), 2, true);
  const isPossible = tf.reshape(tf.greater(possible, 0), [batch, heads, count, 1]);
  return tf.where(isPossible, spans as tf.Tensor, tf.scalar(-1, 'int32')) as tf.Tensor4D;
}
