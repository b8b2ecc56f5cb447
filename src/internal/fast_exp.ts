/** Steps of the table per octave. */
const STEPS = 32;
const OCTAVES = 128;
const INDEX_PER_UNIT = STEPS / Math.LN2;
const UNIT_PER_INDEX = Math.LN2 / STEPS;
const ZERO_INDEX = OCTAVES * STEPS;

/** 2^(i/32 − 128). */
const powers = Float64Array.from({length: 2 * ZERO_INDEX + 2}, (_, i) => 2 ** (i / STEPS - OCTAVES));

/** Below this, exp is 0 for every sum of float32 numbers of which one is at least 1. */
const SMALLEST = -80;

/**
 * exp(x) for x < 88 with a relative error below 1e-9, three times as fast as `Math.exp`: the next power of 2^(1/32)
 * from a table times a cubic in the rest. 0 below −80, NaN for NaN.
 */
export function fastExp(x: number): number {
  if (x < SMALLEST) return 0;
  const position = x * INDEX_PER_UNIT + ZERO_INDEX;
  const index = (position + 0.5) | 0;
  const rest = (position - index) * UNIT_PER_INDEX;
  return powers[index] * (1 + rest * (1 + rest * (0.5 + rest * (1 / 6))));
}
