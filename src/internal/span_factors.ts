import type * as tf from '@tensorflow/tfjs-core';

import {isTaping} from './taping.js';

/** What the scores of an Efficient GlobalPointer were made of, as `efficientGlobalPointerScores` takes it. */
export interface SpanFactors {
  q: tf.Tensor3D;
  k: tf.Tensor3D;
  bias: tf.Tensor3D;
  options: {mask?: tf.Tensor; trilMask: boolean; scale: number};
}

const madeOf = new WeakMap<tf.Tensor, SpanFactors>();

/** Keeps in mind what `scores` were made of, for a loss that is to be differentiated with them. */
export function rememberFactors(scores: tf.Tensor, factors: SpanFactors): void {
  if (isTaping()) madeOf.set(scores, factors);
}

/** The factors of exactly this tensor, where they are known and still there. */
export function factorsOf(scores: tf.Tensor): SpanFactors | undefined {
  const factors = madeOf.get(scores);
  if (factors === undefined) return undefined;
  const {q, k, bias, options} = factors;
  const tensors = options.mask === undefined ? [q, k, bias] : [q, k, bias, options.mask];
  return tensors.some(({isDisposed}) => isDisposed) ? undefined : factors;
}
