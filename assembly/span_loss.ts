// The loss of GlobalPointer for the queries and keys of one type, 32 queries at a time: scores of a block are all that
// lies between inputs and outputs. Addresses are bytes.
import {ceilTo, EDGE_BYTES, multiply, pack, TALL, WIDE} from './panels';
import {ABSENT, bytes, configureBlocks, length, lineBytes, ROWS, scale, scoreBlock, size, upper} from './span_block';
import {EXP_TABLE_BYTES, exp4, exponential, logarithm, max4, sum4, writeExpTable} from './vectors';

let slots = 0;

/** What the types of a call have in common; `labelCount` (start, end) pairs belong to each. */
export function configure(
  tokens: i32,
  headSize: i32,
  labelCount: i32,
  scoreScale: f32,
  scoreThreshold: f32,
  upperOnly: bool,
  withoutFirst: bool,
): void {
  configureBlocks(tokens, headSize, scoreScale, scoreThreshold, upperOnly, withoutFirst);
  slots = labelCount;
}

/** Bytes of scratch memory that both functions need after `configure`. */
export function spanScratch(): usize {
  const wide = ceilTo(length, WIDE);
  const panels = bytes(size * wide + length * ceilTo(size, WIDE));
  const blocks = bytes(ROWS * (wide + max(wide, size) + ceilTo(size, WIDE)));
  return EDGE_BYTES + EXP_TABLE_BYTES + panels + blocks + 2 * bytes(slots);
}

/**
 * Writes log(1 + Σ exp s) of the cells that are no label, and log(1 + Σ exp −s) of those that are.
 *
 * @param mask `[T]`, 1 or 0; 0 for none.
 * @param spans `[K, 2]` floats; what lies outside of the square is padding.
 */
export function spanLoss(q: usize, k: usize, mask: usize, spans: usize, logs: usize, edge: usize): void {
  const line = lineBytes();
  const qRow = bytes(size);
  const table = edge + EDGE_BYTES;
  const keysAcross = table + EXP_TABLE_BYTES;
  const scores = keysAcross + qRow * (ceilTo(length, WIDE) as usize);
  const left = scores + line * ROWS;
  writeExpTable(table);
  pack(k, 4, qRow, size, length, keysAcross, WIDE);
  let top: f32 = 0; // the 1 is exp(0)
  let sum: f64 = 1;
  let topLabel: f32 = 0;
  let sumLabel: f64 = 1;
  for (let first = 0; first < length; first += ROWS) {
    const rows = min(ROWS, length - first);
    const from = scoreBlock(q, keysAcross, mask, first, rows, scores, left, edge);
    for (let slot = 0; slot < slots; slot++) {
      const cell = cellOf(spans, slot, first, rows, scores);
      if (cell === 0) continue;
      const opposite = -load<f32>(cell);
      store<f32>(cell, ABSENT);
      const highest = max(topLabel, opposite);
      sumLabel = sumLabel * exponential(topLabel - highest, table) + exponential(opposite - highest, table);
      topLabel = highest;
    }
    for (let i = 0; i < rows; i++) {
      const row = scores + (i as usize) * line;
      let largest = f32x4.splat(top);
      for (let at = bytes(from); at < line; at += 16) largest = f32x4.max(largest, v128.load(row + at));
      const highest = max4(largest);
      const highests = f32x4.splat(highest);
      let sums = f32x4.splat(0);
      for (let at = bytes(from); at < line; at += 16) {
        sums = f32x4.add(sums, exp4(f32x4.sub(v128.load(row + at), highests), table));
      }
      sum = sum * exponential(top - highest, table) + sum4(sums);
      top = highest;
    }
  }
  store<f32>(logs, top + logarithm(sum as f32));
  store<f32>(logs, topLabel + logarithm(sumLabel as f32), 4);
}

/**
 * Writes dq and adds to dk: with g = dy e^s / e^logs₀ of a cell that is no label and −dy e^−s / e^logs₁ of one that is,
 * dq = scale · g k, dk = scale · gᵀ q.
 */
export function spanGradient(
  q: usize,
  k: usize,
  mask: usize,
  spans: usize,
  logs: usize,
  dy: f32,
  dq: usize,
  dk: usize,
  edge: usize,
): void {
  const line = lineBytes();
  const qRow = bytes(size);
  const wide = ceilTo(length, WIDE);
  const table = edge + EDGE_BYTES;
  const keysAcross = table + EXP_TABLE_BYTES;
  const keysDown = keysAcross + qRow * (wide as usize);
  const scores = keysDown + bytes(length) * (ceilTo(size, WIDE) as usize);
  const left = scores + line * ROWS;
  const right = left + bytes(ROWS) * (max(wide, size) as usize);
  const labels = right + bytes(ROWS) * (ceilTo(size, WIDE) as usize);
  const slope = dy * scale;
  const slopes = f32x4.splat(slope);
  const norms = f32x4.splat(load<f32>(logs));
  const normLabel = load<f32>(logs, 4);
  writeExpTable(table);
  pack(k, 4, qRow, size, length, keysAcross, WIDE);
  pack(k, qRow, 4, length, size, keysDown, WIDE);
  for (let first = 0; first < length; first += ROWS) {
    const rows = min(ROWS, length - first);
    const from = scoreBlock(q, keysAcross, mask, first, rows, scores, left, edge);
    let count: usize = 0;
    for (let slot = 0; slot < slots; slot++) {
      const cell = cellOf(spans, slot, first, rows, scores);
      if (cell === 0) continue;
      store<u32>(labels + count, cell as u32);
      store<f32>(labels + count, -slope * exponential(-load<f32>(cell) - normLabel, table), 4);
      store<f32>(cell, ABSENT);
      count += 8;
    }
    for (let i = 0; i < rows; i++) {
      const row = scores + (i as usize) * line;
      for (let at = bytes(from); at < line; at += 16) {
        v128.store(row + at, f32x4.mul(slopes, exp4(f32x4.sub(v128.load(row + at), norms), table)));
      }
    }
    for (let at: usize = 0; at < count; at += 8) {
      store<f32>(load<u32>(labels + at) as usize, load<f32>(labels + at, 4));
    }
    const columns = length - from;
    const queryRows = q + (first as usize) * qRow;
    pack(queryRows, qRow, 4, rows, size, right, WIDE);
    pack(scores + bytes(from), line, 4, rows, columns, left, TALL);
    multiply(left, right, dk + (from as usize) * qRow, columns, size, rows, rows, qRow, 32, true, edge);
    pack(scores + bytes(from), 4, line, columns, rows, left, TALL);
    const keyRows = keysDown + ((from as usize) << 5);
    multiply(left, keyRows, dq + (first as usize) * qRow, rows, size, columns, length, qRow, 32, false, edge);
  }
}

/**
 * Where the score of a label lies; 0 for one of another block, for padding, an impossible cell and a second mention.
 */
function cellOf(spans: usize, slot: i32, first: i32, rows: i32, scores: usize): usize {
  const pair = spans + ((slot as usize) << 3);
  const start = load<f32>(pair) as i32;
  const end = load<f32>(pair, 4) as i32;
  if (start < first || start >= first + rows || end < 0 || end >= length || (upper && end < start)) return 0;
  const cell = scores + ((start - first) as usize) * lineBytes() + bytes(end);
  return load<f32>(cell) === ABSENT ? 0 : cell;
}
