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
}

/** Tables for positions known on the host, computed in double precision. */
export const tablesOf = (positions: ArrayLike<number>, pairs: number, base: number): RotaryTables =>
  upload(hostTables(positions, pairs, base), positions.length, pairs);

/** The last tables for the positions 0, 1, 2 …: a model asks for a few of them at every step. */
const inOrder = new Map<string, HostTables>();
const TABLES_KEPT = 16;

/** Tables for the positions 0 … length − 1. */
export function tablesInOrder(length: number, pairs: number, base: number): RotaryTables {
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
  return upload(tables, length, pairs);
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

/**
 * Tables for positions on the device, `[T]` or `[B, T]`.
 *
 * A float32 angle is off by 3e-5 rad at position 511 already. Here turns are counted in three pieces of at most 8
 * bits of frequency, whose products with a position below 65,536 are exact, and whole turns are dropped from each.
 */
export function tablesOnDevice(positions: tf.Tensor, pairs: number, base: number): RotaryTables {
  const [high, middle, low] = threePieces(frequencies(pairs, base).map(theta => theta / (2 * Math.PI)));
  return tf.tidy(() => {
    const position = tf.expandDims(tf.cast(positions, 'float32'), -1);
    const fraction = (turns: tf.Tensor) => tf.sub(turns, tf.floor(turns));
    const turns = [high, middle, low].map(piece => fraction(tf.mul(position, tf.tensor1d(piece))));
    const angle = tf.mul(fraction(tf.addN(turns)), 2 * Math.PI);
    return {cos: tf.cos(angle), sin: tf.sin(angle)};
  });
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
