import type * as tf from '@tensorflow/tfjs';

import type {LengthTest} from '../results.js';
import {bitsByPosition, meanOf} from './evaluate.js';

/** Positions that one point of the curve stands for, at most. */
const STRETCH = 128;

/** Tests a model on the same held-out text in windows of each length; each is a multiple of the one before. */
export async function testLengths(
  model: tf.LayersModel,
  codes: Int32Array,
  characters: number,
  lengths: readonly number[],
  onLength: () => void,
): Promise<LengthTest[]> {
  const frame = lengths[lengths.length - 1];
  const tests: LengthTest[] = [];
  for (const length of lengths) {
    const bits = await bitsByPosition(model, codes, characters, length, frame);
    tests.push({length, bits: meanOf(bits), byPosition: stretches(bits)});
    onLength();
  }
  return tests;
}

const stretches = (bits: Float32Array): LengthTest['byPosition'] =>
  Array.from({length: Math.ceil(bits.length / STRETCH)}, (_, i) => {
    const stretch = bits.subarray(i * STRETCH, (i + 1) * STRETCH);
    return {position: i * STRETCH + stretch.length / 2, bits: meanOf(stretch)};
  });
