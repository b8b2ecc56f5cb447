import type * as tf from '@tensorflow/tfjs-core';

import type {RotaryLayout} from '../rotary_embedding/tables.js';

/** Kernel name, of both heads' scores. */
export const SPAN_SCORES = 'AddonsSpanScores';

export interface SpanScoreInputs {
  /** `[B, H, T, D]`, or `[B, T, D]` with `bias`. */
  q: tf.Tensor;
  k: tf.Tensor;
  /** `[B, T, 2H]`: end (even channels) and start (odd channels) of each type. */
  bias?: tf.Tensor;
  /** `[B, T]`. */
  mask?: tf.Tensor;
  /** Of a rotation that is still to be done, `[T, D/2, 2]` or, by sample, `[B, T, D/2, 2]`. */
  turns?: tf.Tensor;
  [name: string]: tf.Tensor | undefined;
}

export interface SpanScoreAttrs {
  scale: number;
  trilMask: boolean;
  maskValue: number;
  /** With `turns`. */
  layout?: RotaryLayout;
}
