import type * as tf from '@tensorflow/tfjs-core';

/** Kernel names. */
export const MULTILABEL_CROSSENTROPY = 'AddonsMultilabelCrossentropy';
export const MULTILABEL_CROSSENTROPY_GRADIENT = 'AddonsMultilabelCrossentropyGradient';

export interface MultilabelAttrs {
  /**
   * What the labels are: `dense` `[R, C]`, the degrees in [0, 1]; `indices` `[R, K]`, the positive classes;
   * `spans` `[R, K, 2]`, the positive cells (start, end) of a square of `side` × `side` = C classes.
   */
  form: 'dense' | 'indices' | 'spans';
  /** Logit above which a class counts as predicted. */
  threshold: number;
  /** Class 0 is padding: absent, and no label. */
  maskZero: boolean;
  /** Side of the square of `spans`. */
  side: number;
}

export interface MultilabelInputs {
  logits: tf.Tensor;
  labels: tf.Tensor;
  [name: string]: tf.Tensor | undefined;
}

export interface MultilabelGradientInputs extends MultilabelInputs {
  dy: tf.Tensor;
  /** What the forward kernel gave: log(1 + Σ …) of the negatives and of the positives, `[R, 2]`. */
  logs: tf.Tensor;
  /** What it found besides, where it did: row and class of each true class, `[P, 2]` int32. */
  cells?: tf.Tensor;
}
