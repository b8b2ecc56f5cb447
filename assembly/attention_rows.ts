// Rows of attention scores: which keys they see, and what is added to them. Row buffers are padded to whole panels.
import {ceilTo, WIDE} from './panels';
import {sum4} from './vectors';

/** A score that is masked; far below any other. */
export const MASKED: f32 = -3e38;
/** What a float bias is raised to, as in the reference. */
const LEAST_BIAS: f32 = -1e12;
const GOLDEN_RATIO = 0x9e3779b9;

export let queries = 0;
export let keys = 0;
export let size = 0;
export let channels = 0;
export let squared = false;
export let scale: f32 = 1;
let causal = false;
let factors: usize = 0;
let shares: usize = 0;
let dropKey = 0;
let dropThreshold = 0;
let dropFactor: f32 = 1;

/**
 * What the heads of a call have in common.
 *
 * @param factorTable For each number of visible keys, 0 to S, what scores are multiplied by.
 * @param shareTable The same for relu² of them.
 * @param threshold Weights whose hash is below it are dropped; 0 for none.
 */
export function configure(
  queryCount: i32,
  keyCount: i32,
  headSize: i32,
  valueSize: i32,
  isCausal: bool,
  isSquared: bool,
  scoreScale: f32,
  factorTable: usize,
  shareTable: usize,
  key: i32,
  threshold: i32,
  keptFactor: f32,
): void {
  queries = queryCount;
  keys = keyCount;
  size = headSize;
  channels = valueSize;
  causal = isCausal;
  squared = isSquared;
  scale = scoreScale;
  factors = factorTable;
  shares = shareTable;
  dropKey = key;
  dropThreshold = threshold;
  dropFactor = keptFactor;
}

export function bytes(count: i32): usize {
  return (count as usize) << 2;
}

/** Bytes of a row buffer. */
export function lineBytes(): usize {
  return bytes(ceilTo(keys, WIDE));
}

/** Keys that row `query` may read unless they are masked: those before this. */
export function visibleKeys(query: i32): i32 {
  return causal ? max(0, min(keys, query + 1 + keys - queries)) : keys;
}

/** Writes 1 for the keys of a row that are to be kept, else 0. */
export function combineMasks(mask: usize, allowed: usize, keep: usize): void {
  const end = bytes(keys);
  for (let at: usize = 0; at < end; at += 4) {
    let kept: f32 = mask === 0 ? 1 : load<f32>(mask + at);
    if (allowed !== 0) kept *= load<f32>(allowed + at);
    store<f32>(keep + at, kept);
  }
}

/** Of the first `visible` keys of a row those that are kept. */
export function countKept(keep: usize, visible: i32): i32 {
  if (keep === 0) return visible;
  let sums = f32x4.splat(0);
  const whole = bytes(visible & ~3);
  for (let at: usize = 0; at < whole; at += 16) sums = f32x4.add(sums, v128.load(keep + at));
  let count = sum4(sums);
  for (let at = whole; at < bytes(visible); at += 4) count += load<f32>(keep + at);
  return count as i32;
}

export function factorOf(count: i32): f32 {
  return factors === 0 ? 1 : load<f32>(factors + bytes(count));
}
export function shareOf(count: i32): f32 {
  return shares === 0 ? 1 : load<f32>(shares + bytes(count));
}

/** Copies the row of a float bias, raised to a finite number. */
export function raiseBias(bias: usize, raised: usize): void {
  const end = bytes(keys);
  for (let at: usize = 0; at < end; at += 4) store<f32>(raised + at, max(load<f32>(bias + at), LEAST_BIAS));
}

/**
 * Four scores as they enter the normalisation, `MASKED` where masked.
 *
 * @param factor The row's, and `slope` the same times the scale.
 * @param raised Its bias, absent as `keep` may be.
 */
export function scoresAt(
  scores: usize,
  at: usize,
  raised: usize,
  keep: usize,
  visible: i32,
  slope: v128,
  factor: v128,
): v128 {
  let x = f32x4.mul(v128.load(scores + at), slope);
  if (raised !== 0) x = f32x4.add(x, f32x4.mul(v128.load(raised + at), factor));
  if (keep === 0 && at + 16 <= bytes(visible)) return x;
  const columns = i32x4.add(i32x4.splat((at >> 2) as i32), i32x4(0, 1, 2, 3));
  let seen = i32x4.lt_s(columns, i32x4.splat(visible));
  if (keep !== 0) seen = v128.and(seen, f32x4.ne(v128.load(keep + at), f32x4.splat(0)));
  return v128.bitselect(x, f32x4.splat(MASKED), seen);
}

/** 0 or 1/(1 − rate) for four weights, of which `index` is the first: the bits of counterDropout. */
export function dropAt(index: i32): v128 {
  if (dropThreshold === 0) return f32x4.splat(1);
  const indices = i32x4.add(i32x4.splat(index), i32x4(0, 1, 2, 3));
  const hash = mix(v128.xor(i32x4.mul(indices, i32x4.splat(GOLDEN_RATIO)), i32x4.splat(dropKey)));
  const kept = i32x4.ge_u(hash, i32x4.splat(dropThreshold));
  return v128.and(kept, f32x4.splat(dropFactor));
}

export function drops(): bool {
  return dropThreshold !== 0;
}

function mix(x: v128): v128 {
  x = i32x4.mul(v128.xor(x, i32x4.shr_u(x, 16)), i32x4.splat(0x7feb352d));
  x = i32x4.mul(v128.xor(x, i32x4.shr_u(x, 15)), i32x4.splat(0x846ca68b));
  return v128.xor(x, i32x4.shr_u(x, 16));
}
