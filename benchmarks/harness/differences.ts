/** The gate: nothing is timed that is not correct. */
import type * as tf from '@tensorflow/tfjs';

/** |actual − expected| ≤ relative · max|expected| + absolute, as in the tests. */
const TOLERANCE = {output: {relative: 1e-5, absolute: 1e-6}, gradient: {relative: 1e-4, absolute: 1e-5}};

/** Scores of impossible cells are about −1e12 in one program and −1e12 plus the score in another. */
const BLANK_BELOW = -1e11;

/** Says what differs, or nothing. The first of the values is the output, the others are gradients. */
export function difference(
  actual: readonly Float32Array[],
  expected: readonly Float32Array[],
  names: readonly string[],
): string | undefined {
  if (actual.length !== expected.length) return `${actual.length} results instead of ${expected.length}`;
  for (const [i, values] of actual.entries()) {
    const {relative, absolute} = i === 0 ? TOLERANCE.output : TOLERANCE.gradient;
    const wanted = expected[i];
    if (values.length !== wanted.length) return `${names[i]} has ${values.length} elements instead of ${wanted.length}`;
    let largest = 0;
    let error = 0;
    for (let j = 0; j < wanted.length; j++) {
      if (wanted[j] < BLANK_BELOW && values[j] < BLANK_BELOW) continue;
      largest = Math.max(largest, Math.abs(wanted[j]));
      const off = Math.abs(values[j] - wanted[j]);
      error = Math.max(error, Number.isNaN(off) ? Number.POSITIVE_INFINITY : off);
    }
    if (error > relative * largest + absolute) return `${names[i]} is off by ${error}, of at most ${largest}`;
  }
  return undefined;
}

export const valuesOf = (tensors: readonly tf.Tensor[]): Promise<Float32Array[]> =>
  Promise.all(tensors.map(tensor => tensor.data() as Promise<Float32Array>));
