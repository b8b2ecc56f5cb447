import * as tf from '@tensorflow/tfjs-core';

import {blankCells} from '../../internal/span_visibility.js';

/** `scale · q kᵀ`, with `maskValue` added where `keep` is 0: the ground truth. */
export function globalPointerScoresReference(
  q: tf.Tensor4D,
  k: tf.Tensor4D,
  keep: tf.Tensor3D | undefined,
  scale: number,
  maskValue: number,
): tf.Tensor4D {
  const scores: tf.Tensor4D = tf.matMul(tf.mul(q, scale), k, false, true);
  return keep === undefined ? scores : tf.add(scores, blankCells(tf.expandDims(keep, 1), maskValue));
}
