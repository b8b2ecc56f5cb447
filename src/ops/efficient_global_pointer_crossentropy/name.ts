import type * as tf from '@tensorflow/tfjs-core';

/** Kernel names. */
export const FACTORISED_CROSSENTROPY = 'AddonsFactorisedCrossentropy';
export const FACTORISED_CROSSENTROPY_GRADIENT = 'AddonsFactorisedCrossentropyGradient';

/** Labels `[B, H, K, 2]` of (start, end), `[B, K, 3]` of (type, start, end), or `[B, H, T, T]` degrees in [0, 1]. */
export type LabelForm = 'byType' | 'list' | 'dense';

export interface FactorisedInputs {
  /** `[B, T, D]`. */
  q: tf.Tensor;
  k: tf.Tensor;
  /** `[B, T, 2H]`. */
  bias: tf.Tensor;
  /** int32 as lists, float32 when dense. */
  labels: tf.Tensor;
  /** `[B, T]`. */
  mask?: tf.Tensor;
  [name: string]: tf.Tensor | undefined;
}

export interface FactorisedGradientInputs extends FactorisedInputs {
  /** `[B, H]`. */
  dy: tf.Tensor;
  /** `[B, H, 2]`: log(1 + Σ exp) over negative and over positive cells. */
  logs: tf.Tensor;
}

/**
 * What kernels return after the loss and their gradients take after `dy`, in this order; on tensorflow see `node.ts`.
 */
export const heldNames = (backend: string): readonly string[] =>
  backend === 'tensorflow'
    ? ['weights', 'startShares', 'endWeights', 'rowSums', 'slopes', 'cells', 'starts', 'ends']
    : ['logs'];

export interface FactorisedAttrs {
  form: LabelForm;
  scale: number;
  trilMask: boolean;
  threshold: number;
  maskZero: boolean;
}
