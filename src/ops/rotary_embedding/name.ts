import type * as tf from '@tensorflow/tfjs-core';

import type {RotaryLayout} from './tables.js';

/** Kernel names: of the rotation, and of its cosines and sines for positions on the device. */
export const ROTARY_EMBEDDING = 'AddonsRotaryEmbedding';
export const ROTARY_TURNS = 'AddonsRotaryTurns';

export interface RotaryTurnsInputs {
  /** `[T]` or `[B, T]`. */
  positions: tf.Tensor;
  /** `[3, D/2]`: frequencies in turns, whose sum they are and whose products with a position are exact. */
  pieces: tf.Tensor;
  [name: string]: tf.Tensor;
}

export interface RotaryInputs {
  /** `[..., T, D]`. */
  x: tf.Tensor;
  /** `[T, D/2]`, or `[B, 1 …, T, D/2]` of the rank of `x`. */
  cos: tf.Tensor;
  sin: tf.Tensor;
  [name: string]: tf.Tensor;
}

export interface RotaryAttrs {
  layout: RotaryLayout;
  /** Why it is not part of the kernel that reads the result, where such a kernel might rotate what it loads. */
  apart?: string;
}
