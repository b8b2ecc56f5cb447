import * as tf from '@tensorflow/tfjs-core';

import {check, checkRange} from '../check.js';

/** Bounds and rates of gains (one a coordinate) and scales (one a variable, or one for all). */
export interface GainArgs {
  /** Decay β of the gradient average that the signs are compared with, in [0, 1). */
  beta: number;
  gainLearningRate: number;
  scaleLearningRate: number;
  initialGain: number;
  minGain: number;
  maxGain: number;
  initialScale: number;
  minScale: number;
  maxScale: number;
}

export function checkGainArgs(args: GainArgs, where: string): void {
  const {beta, gainLearningRate, scaleLearningRate, initialGain, minGain, maxGain, initialScale, minScale, maxScale} =
    args;
  checkRange(beta, where, 'beta', [0, 1], {high: true});
  checkRange(gainLearningRate, where, 'gainLearningRate', [0, Infinity], {high: true});
  checkRange(scaleLearningRate, where, 'scaleLearningRate', [0, Infinity], {high: true});
  check(minGain >= 0 && minGain <= maxGain, where, 'minGain ≤ maxGain, neither negative', {minGain, maxGain});
  check(minScale >= 0 && minScale <= maxScale, where, 'minScale ≤ maxScale, neither negative', {minScale, maxScale});
  checkRange(initialGain, where, 'initialGain', [minGain, maxGain]);
  checkRange(initialScale, where, 'initialScale', [minScale, maxScale]);
}

/** exp overflows above 88 in float32; a gain that is bounded afterwards does not notice the cap. */
const LARGEST_EXPONENT = 80;

/** clip(x · exp(exponent), low, high), without ever meeting an infinity. */
export function grow(x: tf.Tensor, exponent: tf.Tensor, low: number, high: number): tf.Tensor {
  const grown = tf.mul(x, tf.exp(tf.clipByValue(exponent, -LARGEST_EXPONENT, LARGEST_EXPONENT)));
  const bounded = Number.isFinite(high) ? tf.minimum(grown, high) : grown;
  return low > 0 ? tf.maximum(bounded, low) : bounded;
}

/** ⟨a, b⟩ */
export const dot = (a: tf.Tensor, b: tf.Tensor): tf.Tensor => tf.sum(tf.mul(a, b));

/** ⟨a, b⟩ / (‖a‖ ‖b‖), 0 where either is 0. */
export const cosine = (a: tf.Tensor, b: tf.Tensor): tf.Tensor => dot(unit(a), unit(b));

const unit = (x: tf.Tensor): tf.Tensor => tf.div(x, tf.add(tf.sqrt(tf.sum(tf.square(x))), 1e-10));
