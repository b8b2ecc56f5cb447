import {expect} from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';

import {isForFloat16} from './backend.js';

/**
 * The one table of tolerances: |actual − expected| ≤ relative · max|expected| + absolute, on every backend; blank cells
 * apart.
 */
export const TOLERANCE = {
  output: {relative: 1e-5, absolute: 1e-6},
  gradient: {relative: 1e-4, absolute: 1e-5},
} as const;

/** Masks add at least this to a score: such numbers do not widen the tolerance of the others. */
const BLANK = 1e9;

/** Equal shapes, and every element inside the tolerance of its kind. Infinities and NaN must match exactly. */
export async function expectClose(
  actual: tf.Tensor,
  expected: tf.Tensor | tf.TensorLike,
  kind: keyof typeof TOLERANCE = 'output',
): Promise<void> {
  const want = isTensor(expected) ? expected : tf.tensor(expected);
  expect(actual.shape).toEqual(want.shape);
  const [got, wanted] = [await actual.data(), await want.data()];
  const {relative, absolute} = TOLERANCE[kind];
  let largest = 0;
  for (const value of wanted) if (Math.abs(value) < BLANK) largest = Math.max(largest, Math.abs(value));
  for (let i = 0; i < wanted.length; i++) {
    const size = Math.abs(wanted[i]);
    const isBlank = size >= BLANK && Number.isFinite(size);
    const bound = relative * (isBlank ? size : largest) + absolute;
    if (Object.is(got[i], wanted[i]) || Math.abs(got[i] - wanted[i]) <= bound) continue;
    throw new Error(`element ${i} of [${want.shape}]: actual ${got[i]}, expected ${wanted[i]}, bound ${bound}`);
  }
}

/** `expectClose` for gradients. */
export const expectGradientClose = (actual: tf.Tensor, expected: tf.Tensor | tf.TensorLike): Promise<void> =>
  expectClose(actual, expected, 'gradient');

const isTensor = (value: unknown): value is tf.Tensor =>
  typeof value === 'object' && value !== null && 'dataId' in value;

/** `run` leaves exactly `kept` tensors behind. */
export function expectTensorsKept(kept: number, run: () => unknown): void {
  const before = tf.memory().numTensors;
  run();
  expect(tf.memory().numTensors - before).toBe(kept);
}

/**
 * `args`, each set to a value other than its default, survive getConfig → JSON → fromConfig.
 * Comparing config with config alone would pass for a field that getConfig forgets.
 */
export function expectConfigKeeps<A extends object>(
  Class: new (args: A) => tf.serialization.Serializable,
  args: A,
): void {
  const config = JSON.parse(JSON.stringify(new Class(args).getConfig()));
  expect(config).toMatchObject(JSON.parse(JSON.stringify(args)));
  const {fromConfig} = Class as never as typeof tf.serialization.Serializable;
  expect(fromConfig(Class as never, config).getConfig()).toEqual(config);
}

/** A deterministic standard normal tensor, the same on every backend; after `useFloat16` of numbers it can hold. */
export function normal<R extends tf.Rank>(shape: tf.ShapeMap[R], seed: number, scale = 1): tf.Tensor<R> {
  return tf.tidy(() => {
    const x: tf.Tensor<R> = tf.mul(tf.randomNormal(shape, 0, 1, 'float32', seed), scale);
    return isForFloat16() ? toFloat16(x) : x;
  });
}

/** The nearest numbers of 11 binary digits: 13 fewer than those of float32 (Dekker 1971). */
export function toFloat16<T extends tf.Tensor>(x: T): T {
  return tf.tidy(() => {
    const large = tf.mul(x, 2 ** 13 + 1);
    return tf.sub(large, tf.sub(large, x));
  });
}
