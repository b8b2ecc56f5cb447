import type * as tf from '@tensorflow/tfjs';

/** Something small to learn. */
export interface Task {
  readonly name: string;
  /** One line for the report. */
  readonly description: string;
  /** A new model, the same for the same seed. */
  build(seed: number): tf.LayersModel;
  /** All the data; a run reads it batch by batch. */
  readonly x: tf.Tensor2D;
  readonly y: tf.Tensor2D;
  /** Mean loss of predictions. */
  loss(labels: tf.Tensor, predictions: tf.Tensor): tf.Scalar;
}
