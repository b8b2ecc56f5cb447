// Attention of one head, a block of query rows at a time. What lies between inputs and outputs is the block's scores
// and packed copies of the head's operands. Addresses and row strides are bytes; 0 stands for an absent operand.
import {
  bytes,
  channels,
  combineMasks,
  countKept,
  dropAt,
  drops,
  factorOf,
  keys,
  lineBytes,
  raiseBias,
  scale,
  scoresAt,
  shareOf,
  size,
  squared,
  visibleKeys,
} from './attention_rows';
import {ceilTo, EDGE_BYTES, multiply, pack, TALL, WIDE} from './panels';
import {EXP_TABLE_BYTES, exp4, logarithm, max4, sum4, writeExpTable} from './vectors';

export {backward, backwardScratch} from './attention_gradient';
export {configure} from './attention_rows';

/** Query rows of a block. */
const ROWS = 32;
/** Rows whose largest score is below this see no key. */
const BLIND_BELOW: f32 = -2e38;
/** The norm of a row that sees no key: all exponentials less this are 0. */
const BLIND_NORM: f32 = 3e38;

/** Bytes of scratch memory that `forward` needs after `configure`. */
export function forwardScratch(): usize {
  const right = bytes(size) * (ceilTo(keys, WIDE) as usize) + bytes(keys) * (ceilTo(channels, WIDE) as usize);
  const blocks = bytes(ROWS) * ((ceilTo(keys, WIDE) + max(size, ceilTo(keys, WIDE))) as usize);
  return EDGE_BYTES + EXP_TABLE_BYTES + right + blocks + 2 * lineBytes() + bytes(ROWS);
}

/**
 * Writes the output `[T, Dv]` and, for softmax, the logarithm of the sum of each row's exponentials, `[T]`.
 *
 * @param mask `[S]`, 1 or 0.
 * @param allowed `[T, S]`, 1 or 0.
 * @param bias `[T, S]`.
 * @param index Of the head's first weight among all, for dropout.
 * @param from The first query, and `to` the one after the last.
 */
export function forward(
  q: usize,
  k: usize,
  v: usize,
  mask: usize,
  allowed: usize,
  allowedRow: usize,
  bias: usize,
  biasRow: usize,
  index: i32,
  output: usize,
  norm: usize,
  from: i32,
  to: i32,
  edge: usize,
): void {
  const line = lineBytes();
  const qRow = bytes(size);
  const vRow = bytes(channels);
  const table = edge + EDGE_BYTES;
  const keyPanels = table + EXP_TABLE_BYTES;
  const valuePanels = keyPanels + line * (size as usize);
  const scores = valuePanels + bytes(keys) * (ceilTo(channels, WIDE) as usize);
  const left = scores + line * ROWS;
  const row = left + bytes(ROWS) * (max(size, ceilTo(keys, WIDE)) as usize);
  const raised: usize = bias === 0 ? 0 : row;
  const keep: usize = mask === 0 && allowed === 0 ? 0 : row + line;
  const multipliers = row + 2 * line;
  writeExpTable(table);
  pack(k, 4, qRow, size, keys, keyPanels, WIDE);
  pack(v, vRow, 4, keys, channels, valuePanels, WIDE);
  if (mask !== 0 && allowed === 0) combineMasks(mask, 0, keep);
  if (squared) memory.fill(norm + bytes(from), 0, bytes(to - from));
  for (let first = from; first < to; first += ROWS) {
    const rows = min(ROWS, to - first);
    const seen = visibleKeys(first + rows - 1);
    const width = ceilTo(seen, WIDE);
    const tall = ceilTo(rows, TALL);
    pack(q + (first as usize) * qRow, 4, qRow, size, rows, left, TALL);
    multiply(left, keyPanels, scores, tall, width, size, size, line, 32, false, edge);
    for (let i = 0; i < rows; i++) {
      const query = first + i;
      if (allowed !== 0) combineMasks(mask, allowed + (query as usize) * allowedRow, keep);
      if (bias !== 0) raiseBias(bias + (query as usize) * biasRow, raised);
      const at = scores + (i as usize) * line;
      const weight = index + query * keys;
      const multiplier = squared
        ? squareRow(at, width, raised, keep, visibleKeys(query), weight)
        : softmaxRow(at, width, raised, keep, visibleKeys(query), weight, norm + bytes(query), table);
      store<f32>(multipliers + bytes(i), multiplier);
    }
    pack(scores, 4, line, seen, rows, left, TALL);
    const into = output + (first as usize) * vRow;
    if (seen === 0) memory.fill(into, 0, vRow * (rows as usize));
    else multiply(left, valuePanels, into, rows, channels, seen, keys, vRow, 32, false, edge);
    multiplyRows(into, rows, multipliers);
  }
}

/** Scores to exponentials, beyond the visible keys 0; gives what their sums with the values are to be multiplied by. */
function softmaxRow(
  row: usize,
  width: i32,
  raised: usize,
  keep: usize,
  visible: i32,
  index: i32,
  norm: usize,
  table: usize,
): f32 {
  const end = bytes(width);
  const multiplier = factorOf(countKept(keep, visible));
  const factor = f32x4.splat(multiplier);
  const slope = f32x4.splat(multiplier * scale);
  let largest = f32x4.splat(-Infinity);
  for (let at: usize = 0; at < end; at += 16) {
    const x = scoresAt(row, at, raised, keep, visible, slope, factor);
    v128.store(row + at, x);
    largest = f32x4.pmax(largest, x);
  }
  const top = max4(largest);
  if (top < BLIND_BELOW) {
    memory.fill(row, 0, end);
    store<f32>(norm, BLIND_NORM);
    return 0;
  }
  const tops = f32x4.splat(top);
  let sums = f32x4.splat(0);
  for (let at: usize = 0; at < end; at += 16) {
    const e = exp4(f32x4.sub(v128.load(row + at), tops), table);
    sums = f32x4.add(sums, e);
    v128.store(row + at, e);
  }
  const sum = sum4(sums);
  store<f32>(norm, top + logarithm(sum));
  if (drops()) dropRow(row, end, index);
  return 1 / sum;
}

/** Scores to relu², 0 where masked. */
function squareRow(row: usize, width: i32, raised: usize, keep: usize, visible: i32, index: i32): f32 {
  const end = bytes(width);
  const count = countKept(keep, visible);
  const multiplier = factorOf(count);
  const factor = f32x4.splat(multiplier);
  const slope = f32x4.splat(multiplier * scale);
  for (let at: usize = 0; at < end; at += 16) {
    const x = f32x4.pmax(scoresAt(row, at, raised, keep, visible, slope, factor), f32x4.splat(0));
    v128.store(row + at, f32x4.mul(x, x));
  }
  if (drops()) dropRow(row, end, index);
  return shareOf(count);
}

function dropRow(row: usize, end: usize, index: i32): void {
  for (let at: usize = 0; at < end; at += 16) {
    const kept = dropAt(index + ((at >> 2) as i32));
    v128.store(row + at, f32x4.mul(v128.load(row + at), kept));
  }
}

function multiplyRows(row: usize, rows: i32, multipliers: usize): void {
  for (let i = 0; i < rows; i++) {
    const multiplier = load<f32>(multipliers + bytes(i));
    const end = row + bytes(channels);
    const factor = f32x4.splat(multiplier);
    for (; row + 16 <= end; row += 16) v128.store(row, f32x4.mul(v128.load(row), factor));
    for (; row < end; row += 4) store<f32>(row, load<f32>(row) * multiplier);
  }
}
