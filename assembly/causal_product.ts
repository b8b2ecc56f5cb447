// The causal product of linear attention, chunk by chunk. Addresses are bytes.
import {ceilTo, EDGE_BYTES, multiply, pack, TALL, WIDE} from './panels';

function bytes(count: i32): usize {
  return (count as usize) << 2;
}

/** Bytes of scratch memory that `causalProduct` needs. */
export function causalScratch(chunk: i32, features: i32, channels: i32): usize {
  const rows = ceilTo(chunk, WIDE);
  const state = features * ceilTo(channels, WIDE);
  const left = max(ceilTo(features, TALL), rows) * rows;
  const packed = rows * features + left + rows * (features + ceilTo(channels, WIDE));
  return EDGE_BYTES + bytes(3 * state + packed + rows * rows);
}

/**
 * `o_i = Σ_{j ≤ i} (q_i · k_j) v_j`, or j ≥ i with `reverse`. For chunk c with the sum S of what it sees outside,
 *
 *   O_c = q_c S + tril(q_c k_cᵀ) v_c,   S ← S + k_cᵀ v_c,
 *
 * where the sum carries what rounding took off it, so that long sequences lose no digits.
 *
 * @param q `[T, M]`, like k; v and the output are `[T, D]`.
 */
export function causalProduct(
  q: usize,
  k: usize,
  v: usize,
  output: usize,
  length: i32,
  features: i32,
  channels: i32,
  chunk: i32,
  reverse: bool,
  edge: usize,
): void {
  const size = ceilTo(chunk, WIDE);
  const wide = ceilTo(channels, WIDE);
  const line = bytes(size);
  const qRow = bytes(features);
  const vRow = bytes(channels);
  const stateBytes = bytes(features * wide);
  const statePanel = (features as usize) << 5;
  const state = edge + EDGE_BYTES;
  const lost = state + stateBytes;
  const added = lost + stateBytes;
  const queries = added + stateBytes;
  const keys = queries + qRow * (size as usize);
  const values = keys + qRow * (size as usize);
  const scores = values + line * (wide as usize);
  const left = scores + line * (size as usize);
  const chunks = (length + chunk - 1) / chunk;
  memory.fill(state, 0, 2 * stateBytes);
  for (let n = 0; n < chunks; n++) {
    const first = (reverse ? chunks - 1 - n : n) * chunk;
    const rows = min(chunk, length - first);
    const keyRows = k + (first as usize) * qRow;
    const to = output + (first as usize) * vRow;
    pack(q + (first as usize) * qRow, 4, qRow, features, rows, queries, TALL);
    pack(keyRows, 4, qRow, features, rows, keys, WIDE);
    pack(v + (first as usize) * vRow, vRow, 4, rows, channels, values, WIDE);
    multiply(queries, keys, scores, ceilTo(rows, TALL), ceilTo(rows, WIDE), features, features, line, 32, false, edge);
    blankRows(scores, line, rows, reverse);
    pack(scores, 4, line, rows, rows, left, TALL);
    if (n > 0) multiply(queries, state, to, rows, channels, features, features, vRow, 32, false, edge);
    multiply(left, values, to, rows, channels, rows, rows, vRow, 32, n > 0, edge);
    if (n + 1 === chunks) return;
    pack(keyRows, qRow, 4, rows, features, left, TALL);
    multiply(left, values, added, features, wide, rows, rows, 32, statePanel, false, edge);
    addExactly(state, lost, added, stateBytes);
  }
}

/** Zeros for the keys after the row, or before it with `reverse`. */
function blankRows(scores: usize, line: usize, rows: i32, reverse: bool): void {
  for (let i = 0; i < rows; i++) {
    if (reverse) memory.fill(scores, 0, bytes(i));
    else memory.fill(scores + bytes(i + 1), 0, bytes(rows - i - 1));
    scores += line;
  }
}

/** Adds to sums; `lost` is what rounding has taken off them (Kahan 1965). */
function addExactly(sums: usize, lost: usize, added: usize, size: usize): void {
  for (let at: usize = 0; at < size; at += 16) {
    const sum = v128.load(sums + at);
    const exact = f32x4.sub(v128.load(added + at), v128.load(lost + at));
    const next = f32x4.add(sum, exact);
    v128.store(lost + at, f32x4.sub(f32x4.sub(next, sum), exact));
    v128.store(sums + at, next);
  }
}
