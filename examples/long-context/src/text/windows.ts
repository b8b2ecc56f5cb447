import * as tf from '@tensorflow/tfjs';

import type {Random} from '../random.js';

/** Characters and, for each, the one that follows: both `[B, T]`. */
export interface Windows {
  inputs: tf.Tensor2D;
  targets: tf.Tensor2D;
}

/** `count` windows of `length` characters from random places. */
export function randomWindows(codes: Int32Array, count: number, length: number, random: Random): Windows {
  return windowsAt(
    codes,
    Array.from({length: count}, () => random.below(codes.length - length)),
    length,
  );
}

/** Where adjacent windows of `length` characters begin that together hold the first `characters` of the text. */
export const adjacentStarts = (characters: number, length: number): number[] =>
  Array.from({length: Math.floor(characters / length)}, (_, i) => i * length);

export function windowsAt(codes: Int32Array, starts: readonly number[], length: number): Windows {
  const cut = (shift: number) => {
    const rows = new Int32Array(starts.length * length);
    for (const [i, start] of starts.entries()) {
      rows.set(codes.subarray(start + shift, start + shift + length), i * length);
    }
    return tf.tensor2d(rows, [starts.length, length], 'int32');
  };
  return {inputs: cut(0), targets: cut(1)};
}
