import * as tf from '@tensorflow/tfjs-core';

import {fusedKernel, runKernelOr} from '../../internal/kernels.js';
import {ROTARY_TURNS} from './name.js';
import {rotaryTurnsOnWebgpu} from './turns_webgpu.js';

fusedKernel(ROTARY_TURNS, rotaryTurnsOnWebgpu);

/** Frequencies θ_t = base^(−2t/D) in double precision. */
export const frequencies = (pairs: number, base: number): number[] =>
  Array.from({length: pairs}, (_, t) => base ** (-t / pairs));

/**
 * Cosines and sines for positions on the device side by side, `[T, D/2, 2]` or `[B, T, D/2, 2]`.
 *
 * A float32 angle is off by 3e-5 rad at position 511 already. Here turns are counted in three pieces of at most 8
 * bits of frequency, whose products with a position below 65,536 are exact, and whole turns are dropped from each.
 */
export function turnsOnDevice(positions: tf.Tensor, pairs: number, base: number): tf.Tensor {
  const pieces = threePieces(frequencies(pairs, base).map(theta => theta / (2 * Math.PI)));
  return tf.tidy(() => {
    const inputs = {positions, pieces: tf.tensor2d(pieces)};
    return runKernelOr<tf.Tensor>(ROTARY_TURNS, inputs, {}, () => turnsReference(inputs));
  });
}

function turnsReference({positions, pieces}: {positions: tf.Tensor; pieces: tf.Tensor2D}): tf.Tensor {
  const position = tf.expandDims(tf.cast(positions, 'float32'), -1);
  const fraction = (turns: tf.Tensor) => tf.sub(turns, tf.floor(turns));
  const turns = tf.unstack(pieces).map(piece => fraction(tf.mul(position, piece)));
  return sineOfTurns(tf.add(tf.expandDims(tf.addN(turns), -1), tf.tensor1d([0.25, 0])));
}

/** Coefficients of the series of sin x, that of x¹¹ first; on [−π/2, π/2] its error is below 6e-8. */
const SINE_SERIES = [-1 / 39916800, 1 / 362880, -1 / 5040, 1 / 120, -1 / 6, 1];

/** sin 2πt from basic arithmetic: shaders may return sin and cos with errors of 5e-4. */
function sineOfTurns(turns: tf.Tensor): tf.Tensor {
  const halfTurns = tf.floor(tf.add(tf.mul(turns, 2), 0.5)); // k, the nearest
  const angle = tf.mul(tf.sub(turns, tf.mul(halfTurns, 0.5)), 2 * Math.PI); // in [−π/2, π/2]
  const square = tf.square(angle);
  const [first, ...rest] = SINE_SERIES;
  const series = rest.reduce((sum: tf.Tensor, term) => tf.add(tf.mul(sum, square), term), tf.scalar(first));
  const isOdd = tf.sub(halfTurns, tf.mul(tf.floor(tf.mul(halfTurns, 0.5)), 2));
  return tf.mul(tf.mul(series, angle), tf.sub(1, tf.mul(isOdd, 2))); // (−1)ᵏ
}

/** value = high + middle + low, the first two with 8 significant bits. */
function threePieces(values: number[]): [number[], number[], number[]] {
  const high = values.map(leadingBits);
  const middle = values.map((value, i) => leadingBits(value - high[i]));
  return [high, middle, values.map((value, i) => value - high[i] - middle[i])];
}

function leadingBits(value: number): number {
  if (value === 0) return 0;
  const unit = 2 ** (Math.floor(Math.log2(Math.abs(value))) - 7);
  return Math.trunc(value / unit) * unit;
}
