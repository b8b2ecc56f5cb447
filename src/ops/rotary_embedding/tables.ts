import * as tf from '@tensorflow/tfjs-core';

import {frequencies, turnsOnDevice} from './turns.js';

export type RotaryLayout = 'interleaved' | 'half';

/** Angles of the rotation: `cos` and `sin`, `[T, D/2]` or `[B, T, D/2]`, one per channel pair. */
export interface RotaryTables {
  cos: tf.Tensor;
  sin: tf.Tensor;
}

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
