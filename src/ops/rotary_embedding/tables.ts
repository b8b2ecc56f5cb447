import * as tf from '@tensorflow/tfjs-core';

export type RotaryLayout = 'interleaved' | 'half';

/** Angles of the rotation: `cos` and `sin`, `[T, D/2]` or `[B, T, D/2]`, one per channel pair. */
export interface RotaryTables {
  cos: tf.Tensor;
  sin: tf.Tensor;
}

/** Frequencies θ_t = base^(−2t/D) in double precision. */
const frequencies = (pairs: number, base: number): number[] =>
  Array.from({length: pairs}, (_, t) => base ** (-t / pairs));

/** Values of `RotaryTables` on the host. */
interface HostTables {
  cos: Float32Array;
  sin: Float32Array;
  /** Both, a pair's cos and sin side by side, once a kernel has asked for it. */
  turns?: Float32Array;
}

/** Tables for positions known on the host, computed in double precision. */
export const tablesOf = (positions: ArrayLike<number>, pairs: number, base: number): RotaryTables =>
  upload(hostTables(positions, pairs, base), positions.length, pairs);

/** The last tables for the positions 0, 1, 2 …: a model asks for a few of them at every step. */
const inOrder = new Map<string, HostTables>();
const TABLES_KEPT = 16;

/** Tables for the positions 0 … length − 1. */
export const tablesInOrder = (length: number, pairs: number, base: number): RotaryTables =>
  upload(keptTables(length, pairs, base), length, pairs);

/** They as one tensor `[T, D/2, 2]`, cos and sin side by side, for kernels that rotate what they load. */
export function turnsInOrder(length: number, pairs: number, base: number): tf.Tensor3D {
  const tables = keptTables(length, pairs, base);
  tables.turns ??= sideBySide(tables);
  return tf.tensor3d(tables.turns, [length, pairs, 2]);
}

/** The same for positions known on the host. */
export const turnsOf = (positions: ArrayLike<number>, pairs: number, base: number): tf.Tensor3D =>
  tf.tensor3d(sideBySide(hostTables(positions, pairs, base)), [positions.length, pairs, 2]);

const sideBySide = ({cos, sin}: HostTables): Float32Array =>
  Float32Array.from({length: 2 * cos.length}, (_, i) => (i % 2 ? sin : cos)[i >> 1]);

/** Cosines and sines apart, of `[..., T, D/2, 2]`. */
export function tablesOfTurns(turns: tf.Tensor): RotaryTables {
  const [cos, sin] = tf.unstack(turns, turns.rank - 1);
  return {cos, sin};
}

function keptTables(length: number, pairs: number, base: number): HostTables {
  const key = `${length},${pairs},${base}`;
  const tables =
    inOrder.get(key) ??
    hostTables(
      Uint32Array.from({length}, (_, i) => i),
      pairs,
      base,
    );
  inOrder.delete(key);
  inOrder.set(key, tables); // the last in order of use
  if (inOrder.size > TABLES_KEPT) inOrder.delete(inOrder.keys().next().value!);
  return tables;
}

/** tfjs keeps a reference to the array on cpu, whose kernels never write to it. */
const upload = ({cos, sin}: HostTables, length: number, pairs: number): RotaryTables => ({
  cos: tf.tensor2d(cos, [length, pairs]),
  sin: tf.tensor2d(sin, [length, pairs]),
});

function hostTables(positions: ArrayLike<number>, pairs: number, base: number): HostTables {
  const theta = frequencies(pairs, base);
  const cos = new Float32Array(positions.length * pairs);
  const sin = new Float32Array(positions.length * pairs);
  for (let i = 0; i < positions.length; i++) {
    for (let t = 0; t < pairs; t++) {
      const angle = positions[i] * theta[t];
      cos[i * pairs + t] = Math.cos(angle);
      sin[i * pairs + t] = Math.sin(angle);
    }
  }
  return {cos, sin};
}

/** Tables for positions on the device, `[T]` or `[B, T]`. */
export const tablesOnDevice = (positions: tf.Tensor, pairs: number, base: number): RotaryTables =>
  tf.tidy(() => tablesOfTurns(turnsOnDevice(positions, pairs, base)) as never) as never;

/**
 * Cosines and sines for them side by side, `[T, D/2, 2]` or `[B, T, D/2, 2]`.
 *
 * A float32 angle is off by 3e-5 rad at position 511 already. Here turns are counted in three pieces of at most 8
 * bits of frequency, whose products with a position below 65,536 are exact, and whole turns are dropped from each.
 */
export function turnsOnDevice(positions: tf.Tensor, pairs: number, base: number): tf.Tensor {
  const [high, middle, low] = threePieces(frequencies(pairs, base).map(theta => theta / (2 * Math.PI)));
  return tf.tidy(() => {
    const position = tf.expandDims(tf.cast(positions, 'float32'), -1);
    const fraction = (turns: tf.Tensor) => tf.sub(turns, tf.floor(turns));
    const turns = [high, middle, low].map(piece => fraction(tf.mul(position, tf.tensor1d(piece))));
    const total = tf.expandDims(tf.addN(turns), -1);
    return sineOfTurns(tf.add(total, tf.tensor1d([0.25, 0])));
  });
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
