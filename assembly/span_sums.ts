// Sums of the gradient of the scores of spans over types, starts and ends, four cells at a time, each cell read once.
// Addresses are bytes.
import {bytes} from './span_block';

/** Bytes of a row of cells, in whole vectors. */
function lineOf(length: i32): usize {
  return bytes((length + 3) & ~3);
}

/** Bytes of scratch memory that `spanSums` needs. */
export function spanSumsScratch(types: i32, length: i32): usize {
  return ((types + 1) as usize) * lineOf(length);
}

/**
 * Of the slopes `[H, T, T]` of one sample, those of impossible cells left out: `spans` `[T, T]`, the sums over types
 * times `scale`, and `bias` `[T, 2H]`, the sums over starts (even channels) and over ends (odd).
 *
 * @param keep `[T]`, 1 or 0; 0 for none.
 */
export function spanSums(
  slopes: usize,
  keep: usize,
  spans: usize,
  bias: usize,
  types: i32,
  length: i32,
  scale: f32,
  upper: bool,
  possible: usize,
): void {
  const row = bytes(length);
  const line = lineOf(length);
  const ends = possible + line;
  for (let j = 0; j < length; j++) {
    store<i32>(possible + bytes(j), keep === 0 || load<f32>(keep + bytes(j)) !== 0 ? -1 : 0);
  }
  memory.fill(ends, 0, line * (types as usize));
  for (let i = 0; i < length; i++) {
    const isKept = keep === 0 || load<f32>(keep + bytes(i)) !== 0;
    const from = upper ? bytes(i) & ~15 : 0;
    const into = spans + (i as usize) * row;
    memory.fill(into, 0, row);
    for (let type = 0; type < types; type++) {
      const given = slopes + ((type * length + i) as usize) * row;
      const sum = isKept ? addRow(given, possible, into, ends + line * (type as usize), from, row) : 0;
      store<f32>(bias + bytes(2 * (i * types + type)), sum, 4);
    }
    for (let at: usize = from; at < row; at += 4) store<f32>(into + at, load<f32>(into + at) * scale);
    if (upper) store<i32>(possible + bytes(i), 0); // no end of a later start
  }
  for (let j = 0; j < length; j++) {
    for (let type = 0; type < types; type++) {
      store<f32>(bias + bytes(2 * (j * types + type)), load<f32>(ends + line * (type as usize) + bytes(j)));
    }
  }
}

/** Adds the possible cells of a row from `from` on to `into` and `ends`; returns their sum. */
function addRow(given: usize, possible: usize, into: usize, ends: usize, from: usize, row: usize): f32 {
  const whole = row & ~15;
  let sums = f32x4.splat(0);
  for (let at = from; at < whole; at += 16) {
    const slope = v128.and(v128.load(given + at), v128.load(possible + at));
    v128.store(into + at, f32x4.add(v128.load(into + at), slope));
    v128.store(ends + at, f32x4.add(v128.load(ends + at), slope));
    sums = f32x4.add(sums, slope);
  }
  let sum = f32x4.extract_lane(sums, 0) + f32x4.extract_lane(sums, 1);
  sum += f32x4.extract_lane(sums, 2) + f32x4.extract_lane(sums, 3);
  for (let at = max(from, whole); at < row; at += 4) {
    if (load<i32>(possible + at) === 0) continue;
    const slope = load<f32>(given + at);
    store<f32>(into + at, load<f32>(into + at) + slope);
    store<f32>(ends + at, load<f32>(ends + at) + slope);
    sum += slope;
  }
  return sum;
}
