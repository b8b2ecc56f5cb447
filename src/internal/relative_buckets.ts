/** Tables of relative positions j − i, computed on the host. */

/** Shaw's buckets: clip(j − i, −m, m) + m, row-major `[T, S]`. */
export function clippedBuckets(queries: number, keys: number, buckets: number): Int32Array {
  const reach = Math.floor((buckets - 1) / 2);
  return relative(queries, keys, distance => Math.max(-reach, Math.min(reach, distance)) + reach);
}

/** T5's buckets: exact for near keys, logarithmic for far ones, row-major `[T, S]`. */
export function t5Buckets(
  queries: number,
  keys: number,
  buckets: number,
  maxDistance: number,
  bidirectional: boolean,
): Int32Array {
  return relative(queries, keys, distance => t5Bucket(distance, buckets, maxDistance, bidirectional));
}

/**
 * The bucket of one distance `j − i`. Distances of 16, 32, 64 lie exactly on bucket boundaries for 32 buckets and 128,
 * so the logarithm is taken in double precision.
 */
export function t5Bucket(distance: number, buckets: number, maxDistance: number, bidirectional: boolean): number {
  const half = bidirectional ? Math.floor(buckets / 2) : buckets;
  const offset = bidirectional && distance > 0 ? half : 0;
  const back = bidirectional ? Math.abs(distance) : Math.max(-distance, 0);
  const exact = Math.floor(half / 2);
  if (back < exact) return offset + back;
  const far = exact + Math.trunc((Math.log(back / exact) / Math.log(maxDistance / exact)) * (half - exact));
  return offset + Math.min(half - 1, far);
}

function relative(queries: number, keys: number, bucket: (distance: number) => number): Int32Array {
  const table = new Int32Array(queries * keys);
  for (let i = 0; i < queries; i++) {
    for (let j = 0; j < keys; j++) table[i * keys + j] = bucket(j - i);
  }
  return table;
}
