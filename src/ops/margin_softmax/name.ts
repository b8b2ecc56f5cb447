import type * as tf from '@tensorflow/tfjs-core';

/** Kernel names. */
export const MARGIN_SOFTMAX = 'AddonsMarginSoftmax';
export const MARGIN_SOFTMAX_GRADIENT = 'AddonsMarginSoftmaxGradient';

/** What takes the place of the cosine c of the true class: c − m; cos(θ + m); min(cos θ, cos 4θ). */
export type MarginKind = 'additive' | 'angular' | 'fourfold';

export interface MarginAttrs {
  kind: MarginKind;
  /** m, in radians for `angular`; of no use to `fourfold`. */
  margin: number;
  /** Factor of all cosines. */
  scale: number;
}

export interface MarginInputs {
  /** `[R, C]` */
  cosines: tf.Tensor;
  /**
   * Degrees `[R, C]`, or numbers of the true classes, `[R]` int32; a number that is no class makes a row without label.
   */
  labels: tf.Tensor;
  [name: string]: tf.Tensor;
}

export interface MarginGradientInputs extends MarginInputs {
  /** `[R]` */
  dy: tf.Tensor;
}

/** Cosines are clipped to ± this for an angle: the slope of arccos is infinite at 1. */
export const LARGEST_COSINE = 1 - 1e-7;
