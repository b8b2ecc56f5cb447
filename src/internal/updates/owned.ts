import * as tf from '@tensorflow/tfjs-core';

import {watch} from '../watched_reads.js';

/**
 * Gives a variable memory that is safe to write into: a copy, if a clone or a reshape uses the same.
 * Multiplying by 1 keeps every bit, the sign of zero included.
 */
export function own(variable: tf.Variable): void {
  if (tf.backend().refCount(variable.dataId) <= 1) return;
  tf.tidy(() => variable.assign(tf.mul(variable, tf.scalar(1))));
  watch(variable);
}

/** `gradient`, or a copy where it is one of the variables that a step writes to while it reads the gradient. */
export function apart(gradient: tf.Tensor, variables: readonly tf.Variable[]): tf.Tensor {
  return variables.some(({dataId}) => dataId === gradient.dataId) ? tf.mul(gradient, tf.scalar(1)) : gradient;
}
