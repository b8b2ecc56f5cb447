// The scores of 32 queries and all keys, which the functions of spans go through. Addresses are bytes.
import {ceilTo, multiply, pack, TALL, WIDE} from './panels';

/** Query rows of a block. */
export const ROWS = 32;
/** A score that takes no part; its exponential is 0. */
export const ABSENT: f32 = -3e38;

export let length = 0;
export let size = 0;
export let scale: f32 = 1;
export let upper = false;
let threshold: f32 = 0;
let skipsFirst = false;

/** What the blocks of a call have in common. */
export function configureBlocks(
  tokens: i32,
  headSize: i32,
  scoreScale: f32,
  scoreThreshold: f32,
  upperOnly: bool,
  withoutFirst: bool,
): void {
  length = tokens;
  size = headSize;
  scale = scoreScale;
  threshold = scoreThreshold;
  upper = upperOnly;
  skipsFirst = withoutFirst;
}

export function bytes(count: i32): usize {
  return (count as usize) << 2;
}

/** Bytes of a row of scores. */
export function lineBytes(): usize {
  return bytes(ceilTo(length, WIDE));
}

/**
 * Writes the scores of a block less the threshold, `ABSENT` for impossible cells; gives the first column of interest.
 */
export function scoreBlock(
  q: usize,
  keysAcross: usize,
  mask: usize,
  first: i32,
  rows: i32,
  scores: usize,
  left: usize,
  edge: usize,
): i32 {
  const line = lineBytes();
  const qRow = bytes(size);
  const from = upper ? first & ~(WIDE - 1) : 0;
  const panels = keysAcross + (from as usize) * qRow;
  const tall = ceilTo(rows, TALL);
  pack(q + (first as usize) * qRow, 4, qRow, size, rows, left, TALL);
  multiply(left, panels, scores + bytes(from), tall, ceilTo(length, WIDE) - from, size, size, line, 32, false, edge);
  const scales = f32x4.splat(scale);
  const thresholds = f32x4.splat(threshold);
  const ends = i32x4.splat(length);
  for (let i = 0; i < rows; i++) {
    const query = first + i;
    const row = scores + (i as usize) * line;
    const kept = mask === 0 || load<f32>(mask + bytes(query)) !== 0;
    const starts = i32x4.splat(!kept ? length : upper ? query : 0);
    let columns = i32x4.add(i32x4.splat(from), i32x4(0, 1, 2, 3));
    for (let at = bytes(from); at < line; at += 16) {
      const x = f32x4.sub(f32x4.mul(v128.load(row + at), scales), thresholds);
      let possible = v128.and(i32x4.ge_s(columns, starts), i32x4.lt_s(columns, ends));
      if (mask !== 0) possible = v128.and(possible, f32x4.ne(v128.load(mask + at), f32x4.splat(0)));
      v128.store(row + at, v128.bitselect(x, f32x4.splat(ABSENT), possible));
      columns = i32x4.add(columns, i32x4.splat(4));
    }
  }
  if (skipsFirst && first === 0) store<f32>(scores, ABSENT);
  return from;
}
