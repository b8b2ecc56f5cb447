/** What an optimizer is handed: gradients of variables, dense or of some rows of a table. */
import type * as tf from '@tensorflow/tfjs-core';

/**
 * The gradient of the rows `ids` of a table `[V, D]`; it is zero elsewhere.
 * Unless `distinct`, an id may occur several times and its rows add up. An id of −1 is to be skipped.
 */
export interface RowGradient {
  ids: tf.Tensor1D; // int32 [K]
  rows: tf.Tensor2D; // [K, D]
  distinct: boolean;
}

/** The gradient of one variable: dense, of some rows, or `null` where the loss does not depend on it. */
export type Gradient = tf.Tensor | RowGradient | null;

/** One variable of a step. */
export interface Update {
  variable: tf.Variable;
  gradient: Gradient;
}

/** A loss and its gradients. */
export interface Gradients {
  value: tf.Scalar;
  updates: Update[];
}
