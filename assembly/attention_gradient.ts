// The gradients of attention, a block of query rows at a time. The weights are computed again from the norms of their
// rows, so that one pass over the scores gives their gradient.
import {
  bytes,
  channels,
  combineMasks,
  countKept,
  dropAt,
  factorOf,
  keys,
  lineBytes,
  queries,
  raiseBias,
  scale,
  scoresAt,
  shareOf,
  size,
  squared,
  visibleKeys,
} from './attention_rows';
import {ceilTo, EDGE_BYTES, multiply, pack, TALL, WIDE} from './panels';
import {EXP_TABLE_BYTES, exp4, sum4, writeExpTable} from './vectors';

/** Query rows of a block. */
const ROWS = 64;
/**
 * From this width on, dv is summed up in panels: its own rows lie so far apart that they drive each other out of the
 * cache.
 */
const WIDE_VALUES = 256;

function widest(): i32 {
  return max(ceilTo(keys, WIDE), max(size, channels));
}

/** Bytes of scratch memory that `backward` needs after `configure`. */
export function backwardScratch(): usize {
  const wideKeys = ceilTo(keys, WIDE);
  const right = bytes(size + channels) * (wideKeys as usize) + bytes(keys) * (ceilTo(size, WIDE) as usize);
  const blocks = bytes(ROWS) * ((2 * wideKeys + widest() + max(ceilTo(size, WIDE), ceilTo(channels, WIDE))) as usize);
  return EDGE_BYTES + EXP_TABLE_BYTES + right + blocks + 2 * lineBytes() + panelsBytes();
}

/** Bytes of the panels of dv; 0 where there are none. */
function panelsBytes(): usize {
  return channels < WIDE_VALUES ? 0 : bytes(keys * ceilTo(channels, WIDE));
}

/**
 * Writes dq and adds to dk, dv and, unless it is absent, to the gradient of the bias.
 *
 * With P the weights before dropout and D its factor: W = P ⊙ D, dv = Wᵀ dO, dP = D ⊙ dO vᵀ,
 * dS = P ⊙ (dP − Σ_c dO⊙O) for softmax and 2 relu(S) ⊙ dP for relu², dq = scale · dS k, dk = scale · dSᵀ q.
 */
export function backward(
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
  dOutput: usize,
  dq: usize,
  dk: usize,
  dv: usize,
  dBias: usize,
  dBiasRow: usize,
  edge: usize,
): void {
  const line = lineBytes();
  const qRow = bytes(size);
  const vRow = bytes(channels);
  const wideKeys = ceilTo(keys, WIDE) as usize;
  const table = edge + EDGE_BYTES;
  const keysAcross = table + EXP_TABLE_BYTES;
  const valuesAcross = keysAcross + qRow * wideKeys;
  const keysDown = valuesAcross + vRow * wideKeys;
  const scores = keysDown + bytes(keys) * (ceilTo(size, WIDE) as usize);
  const slopes = scores + line * ROWS;
  const left = slopes + line * ROWS;
  const right = left + bytes(ROWS) * (widest() as usize);
  const row = right + bytes(ROWS) * (max(ceilTo(size, WIDE), ceilTo(channels, WIDE)) as usize);
  const raised: usize = bias === 0 ? 0 : row;
  const keep: usize = mask === 0 && allowed === 0 ? 0 : row + line;
  const panels = row + 2 * line;
  const hasPanels = panelsBytes() > 0;
  const valueRow: usize = hasPanels ? 32 : vRow;
  const valuePanel: usize = hasPanels ? bytes(keys) << 3 : 32;
  const dValues = hasPanels ? panels : dv;
  memory.fill(panels, 0, panelsBytes());
  writeExpTable(table);
  pack(k, 4, qRow, size, keys, keysAcross, WIDE);
  pack(v, 4, vRow, channels, keys, valuesAcross, WIDE);
  pack(k, qRow, 4, keys, size, keysDown, WIDE);
  if (mask !== 0 && allowed === 0) combineMasks(mask, 0, keep);
  for (let first = 0; first < queries; first += ROWS) {
    const rows = min(ROWS, queries - first);
    const seen = visibleKeys(first + rows - 1);
    const width = ceilTo(seen, WIDE);
    const tall = ceilTo(rows, TALL);
    const queryRows = q + (first as usize) * qRow;
    const outputRows = output + (first as usize) * vRow;
    const slopeRows = dOutput + (first as usize) * vRow;
    const dQueryRows = dq + (first as usize) * qRow;
    if (seen === 0) {
      memory.fill(dQueryRows, 0, qRow * (rows as usize));
      continue;
    }
    pack(queryRows, 4, qRow, size, rows, left, TALL);
    multiply(left, keysAcross, scores, tall, width, size, size, line, 32, false, edge);
    pack(slopeRows, 4, vRow, channels, rows, left, TALL);
    multiply(left, valuesAcross, slopes, tall, width, channels, channels, line, 32, false, edge);
    for (let i = 0; i < rows; i++) {
      const query = first + i;
      const from = (i as usize) * vRow;
      if (allowed !== 0) combineMasks(mask, allowed + (query as usize) * allowedRow, keep);
      if (bias !== 0) raiseBias(bias + (query as usize) * biasRow, raised);
      const at = (i as usize) * line;
      const share: f32 = squared ? 0 : dot(slopeRows + from, outputRows + from);
      const weight = index + query * keys;
      slopesOfRow(
        scores + at,
        slopes + at,
        width,
        raised,
        keep,
        visibleKeys(query),
        weight,
        load<f32>(norm + bytes(query)),
        share,
        dBias === 0 ? 0 : dBias + (query as usize) * dBiasRow,
        table,
      );
    }
    pack(slopeRows, vRow, 4, rows, channels, right, WIDE);
    pack(scores, line, 4, rows, seen, left, TALL);
    const wide = hasPanels ? ceilTo(channels, WIDE) : channels;
    multiply(left, right, dValues, seen, wide, rows, rows, valueRow, valuePanel, true, edge);
    pack(queryRows, qRow, 4, rows, size, right, WIDE);
    pack(slopes, line, 4, rows, seen, left, TALL);
    multiply(left, right, dk, seen, size, rows, rows, qRow, 32, true, edge);
    pack(slopes, 4, line, seen, rows, left, TALL);
    multiply(left, keysDown, dQueryRows, rows, size, seen, keys, qRow, 32, false, edge);
  }
  if (hasPanels) addPanels(panels, dv);
}

/** Adds panels of 8 columns to dv. */
function addPanels(panels: usize, dv: usize): void {
  for (let row = 0; row < keys; row++) {
    let from = panels + ((row as usize) << 5);
    for (let column = 0; column < channels; column += WIDE) {
      const to = dv + bytes(row * channels + column);
      if (channels - column < WIDE) addRow(from, to, channels - column);
      else {
        v128.store(to, f32x4.add(v128.load(to), v128.load(from)));
        v128.store(to, f32x4.add(v128.load(to, 16), v128.load(from, 16)), 16);
      }
      from += bytes(keys) << 3;
    }
  }
}

/** Scores become weights as the values are multiplied by, and the gradients of weights those of q·k. */
function slopesOfRow(
  scores: usize,
  slopes: usize,
  width: i32,
  raised: usize,
  keep: usize,
  visible: i32,
  index: i32,
  norm: f32,
  share: f32,
  dBias: usize,
  table: usize,
): void {
  const count = countKept(keep, visible);
  const factor = factorOf(count);
  const factors = f32x4.splat(factor);
  const slope = f32x4.splat(factor * scale);
  const end = bytes(width);
  if (squared) {
    const part = f32x4.splat(shareOf(count));
    const twice = f32x4.splat(2 * factor);
    for (let at: usize = 0; at < end; at += 16) {
      const p = f32x4.pmax(scoresAt(scores, at, raised, keep, visible, slope, factors), f32x4.splat(0));
      const kept = f32x4.mul(dropAt(index + ((at >> 2) as i32)), part);
      v128.store(scores + at, f32x4.mul(f32x4.mul(p, p), kept));
      v128.store(slopes + at, f32x4.mul(f32x4.mul(p, twice), f32x4.mul(v128.load(slopes + at), kept)));
    }
  } else {
    const norms = f32x4.splat(norm);
    const shares = f32x4.splat(share);
    for (let at: usize = 0; at < end; at += 16) {
      const p = exp4(f32x4.sub(scoresAt(scores, at, raised, keep, visible, slope, factors), norms), table);
      const kept = dropAt(index + ((at >> 2) as i32));
      v128.store(scores + at, f32x4.mul(p, kept));
      const change = f32x4.sub(f32x4.mul(v128.load(slopes + at), kept), shares);
      v128.store(slopes + at, f32x4.mul(f32x4.mul(p, change), factors));
    }
  }
  if (dBias !== 0) addRow(slopes, dBias, visible);
  const scales = f32x4.splat(scale);
  for (let at: usize = 0; at < end; at += 16) {
    v128.store(slopes + at, f32x4.mul(v128.load(slopes + at), scales));
  }
}

function addRow(from: usize, to: usize, count: i32): void {
  const end = from + bytes(count);
  for (; from < end; from += 4) {
    store<f32>(to, load<f32>(to) + load<f32>(from));
    to += 4;
  }
}

function dot(a: usize, b: usize): f32 {
  const whole = bytes(channels & ~3);
  let sums = f32x4.splat(0);
  for (let at: usize = 0; at < whole; at += 16) {
    sums = f32x4.add(sums, f32x4.mul(v128.load(a + at), v128.load(b + at)));
  }
  let sum = sum4(sums);
  for (let at = whole; at < bytes(channels); at += 4) sum += load<f32>(a + at) * load<f32>(b + at);
  return sum;
}
