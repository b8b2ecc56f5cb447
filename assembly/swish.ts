// Swish and its gradient, four elements at a time. Arrays may coincide.
import {EXP_TABLE_BYTES, exp4, writeExpTable} from './vectors';

/** Where e^-x would leave the numbers of exp4; σ(x) is 0 there up to rounding. */
const LEAST: f32 = -87;

/** Bytes of scratch memory that both functions need. */
export function swishScratch(): usize {
  return EXP_TABLE_BYTES + 48;
}

/** y = x σ(x) */
export function swish(x: usize, y: usize, count: i32, table: usize): void {
  writeExpTable(table);
  const length = (count as usize) << 2;
  const whole = length & ~15;
  swishWhole(x, y, whole, table);
  if (whole === length) return;
  const tail = table + EXP_TABLE_BYTES;
  memory.copy(tail, x + whole, length - whole);
  swishWhole(tail, tail, 16, table);
  memory.copy(y + whole, tail, length - whole);
}

/** dx = dy σ (1 + x − y), where y is swish(x). */
export function swishGradient(dy: usize, x: usize, y: usize, dx: usize, count: i32, table: usize): void {
  writeExpTable(table);
  const length = (count as usize) << 2;
  const whole = length & ~15;
  gradientWhole(dy, x, y, dx, whole, table);
  if (whole === length) return;
  const tail = table + EXP_TABLE_BYTES;
  memory.copy(tail, dy + whole, length - whole);
  memory.copy(tail + 16, x + whole, length - whole);
  memory.copy(tail + 32, y + whole, length - whole);
  gradientWhole(tail, tail + 16, tail + 32, tail, 16, table);
  memory.copy(dx + whole, tail, length - whole);
}

function swishWhole(x: usize, y: usize, length: usize, table: usize): void {
  for (let at: usize = 0; at < length; at += 16) {
    const given = v128.load(x + at);
    v128.store(y + at, f32x4.mul(given, sigmoid(given, table)));
  }
}

function gradientWhole(dy: usize, x: usize, y: usize, dx: usize, length: usize, table: usize): void {
  for (let at: usize = 0; at < length; at += 16) {
    const given = v128.load(x + at);
    const inner = f32x4.add(f32x4.sub(given, v128.load(y + at)), f32x4.splat(1));
    v128.store(dx + at, f32x4.mul(f32x4.mul(v128.load(dy + at), sigmoid(given, table)), inner));
  }
}

/** 1 / (1 + e^-x); NaN stays NaN. */
function sigmoid(x: v128, table: usize): v128 {
  const one = f32x4.splat(1);
  return f32x4.div(one, f32x4.add(exp4(f32x4.neg(f32x4.max(x, f32x4.splat(LEAST))), table), one));
}
