import * as tf from '@tensorflow/tfjs';

import {adjacentStarts, windowsAt} from '../text/windows.js';
import {bitsPerCharacter} from './loss.js';

/** Characters that are predicted at once. */
const AT_ONCE = 2048;

/**
 * Mean bits per character at each position of a frame, which is repeated over the first `characters` of the text. They
 * are predicted in adjacent windows of `length`, of which a frame holds a whole number: every length is tested on the
 * same characters.
 */
export async function bitsByPosition(
  model: tf.LayersModel,
  codes: Int32Array,
  characters: number,
  length: number,
  frame: number,
): Promise<Float32Array> {
  const frames = Math.floor(characters / frame);
  const starts = adjacentStarts(frames * frame, length);
  const sums = new Float64Array(frame);
  const rows = Math.max(1, Math.floor(AT_ONCE / length));
  for (let i = 0; i < starts.length; i += rows) {
    const losses = tf.tidy(() => {
      const {inputs, targets} = windowsAt(codes, starts.slice(i, i + rows), length);
      return bitsPerCharacter(model.apply(inputs) as tf.Tensor, targets);
    });
    for (const [j, bits] of (await losses.data()).entries()) sums[(starts[i] + j) % frame] += bits;
    losses.dispose();
  }
  return Float32Array.from(sums, sum => sum / frames);
}

export const meanOf = (values: ArrayLike<number>): number =>
  Array.from(values).reduce((sum, value) => sum + value, 0) / values.length;
