import type * as tf from '@tensorflow/tfjs-core';

import type {RotaryLayout} from '../rotary_embedding/tables.js';

/** Kernel names. */
export const SPAN_CROSSENTROPY = 'AddonsSpanCrossentropy';
export const SPAN_CROSSENTROPY_GRADIENT = 'AddonsSpanCrossentropyGradient';

export interface SpanInputs {
  /** `[B, H, T, D]`. */
  q: tf.Tensor;
  k: tf.Tensor;
  /** `[B, H, K, 2]` int32; what lies outside the square is padding. */
  spans: tf.Tensor;
  /** `[B, T]`. */
  mask?: tf.Tensor;
  /** Of a rotation of q and k that is still to be done, `[T, D/2, 2]` or, by sample, `[B, T, D/2, 2]`. */
  turns?: tf.Tensor;
  [name: string]: tf.Tensor | undefined;
}

export interface SpanGradientInputs extends SpanInputs {
  /** `[B, H]`. */
  dy: tf.Tensor;
  /** `[B, H, 2]`: log(1 + Σ exp) over negative and over positive cells. */
  logs: tf.Tensor;
}

export interface SpanAttrs {
  scale: number;
  trilMask: boolean;
  threshold: number;
  maskZero: boolean;
  /** With `turns`. */
  layout?: RotaryLayout;
}
