import * as tf from '@tensorflow/tfjs-core';

import {mix} from '../../internal/counter_random.js';
import type {DropoutAttrs} from './name.js';

/** Odd, so that i ↦ i · GOLDEN_RATIO is a bijection that spreads neighbours over all 32 bits. */
export const GOLDEN_RATIO = 0x9e3779b9;

/** The factor computed on the host and uploaded: the ground truth. */
export function counterDropoutReference({shape, rate, seed}: DropoutAttrs): tf.Tensor {
  const size = tf.util.sizeFromShape(shape);
  const factor = new Float32Array(size);
  const threshold = dropThreshold(rate);
  const kept = 1 / (1 - rate);
  const key = mix(seed);
  for (let i = 0; i < size; i++) {
    if (mix(Math.imul(i, GOLDEN_RATIO) ^ key) >= threshold) factor[i] = kept;
  }
  return tf.tensor(factor, shape);
}

/** Hashes below this are dropped. */
export const dropThreshold = (rate: number): number => Math.round(rate * 2 ** 32);
