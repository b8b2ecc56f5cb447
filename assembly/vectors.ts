// Functions of four floats at once. Their constants stand in memory, in a table: engines make a constant of 16 bytes
// anew wherever it is used, at several instructions each, also inside of loops.

/** Bytes of the table of `exp4`. */
export const EXP_TABLE_BYTES: usize = 208;

/** Below this eˣ counts as 0. */
const SMALLEST_EXPONENT: f32 = -87;
/** Added to a number below 2²², it rounds it, and leaves the integer in the last bits. */
const ROUNDING: f32 = 12582912;

export function writeExpTable(table: usize): void {
  v128.store(table, f32x4.splat(SMALLEST_EXPONENT));
  v128.store(table, f32x4.splat(Math.LOG2E as f32), 16);
  v128.store(table, f32x4.splat(ROUNDING), 32);
  v128.store(table, f32x4.splat(0.693359375), 48);
  v128.store(table, f32x4.splat(2.1219444e-4), 64);
  v128.store(table, f32x4.splat(1.98756915e-4), 80);
  v128.store(table, f32x4.splat(1.3981999507e-3), 96);
  v128.store(table, f32x4.splat(8.3334519073e-3), 112);
  v128.store(table, f32x4.splat(4.1665795894e-2), 128);
  v128.store(table, f32x4.splat(1.6666665459e-1), 144);
  v128.store(table, f32x4.splat(0.50000001201), 160);
  v128.store(table, f32x4.splat(1), 176);
  v128.store(table, i32x4.splat(127), 192);
}

/**
 * eˣ for x up to 88 with a relative error below 2e-7, 0 below −87; NaN stays NaN. After Cephes: x = n ln 2 + r, eʳ as a
 * polynomial.
 */
export function exp4(x: v128, table: usize): v128 {
  const tooSmall = f32x4.lt(x, v128.load(table));
  const rounded = f32x4.add(f32x4.mul(x, v128.load(table, 16)), v128.load(table, 32));
  const n = f32x4.sub(rounded, v128.load(table, 32));
  let r = f32x4.sub(x, f32x4.mul(n, v128.load(table, 48)));
  r = f32x4.add(r, f32x4.mul(n, v128.load(table, 64)));
  let p = v128.load(table, 80);
  p = f32x4.add(f32x4.mul(p, r), v128.load(table, 96));
  p = f32x4.add(f32x4.mul(p, r), v128.load(table, 112));
  p = f32x4.add(f32x4.mul(p, r), v128.load(table, 128));
  p = f32x4.add(f32x4.mul(p, r), v128.load(table, 144));
  p = f32x4.add(f32x4.mul(p, r), v128.load(table, 160));
  p = f32x4.add(f32x4.add(f32x4.mul(p, f32x4.mul(r, r)), r), v128.load(table, 176));
  const power = i32x4.shl(i32x4.add(rounded, v128.load(table, 192)), 23);
  return v128.andnot(f32x4.mul(p, power), tooSmall);
}

/** `exp4` of one number. */
export function exponential(x: f32, table: usize): f32 {
  return f32x4.extract_lane(exp4(f32x4.splat(x), table), 0);
}

/** ln x of a positive normal number, after Cephes: x = 2ⁿ m with m near 1, ln m as a polynomial. */
export function logarithm(x: f32): f32 {
  const bits = reinterpret<i32>(x);
  let n = (bits >> 23) - 126;
  let m = reinterpret<f32>((bits & 0x007fffff) | 0x3f000000); // 0.5 to 1
  if (m < (Math.SQRT1_2 as f32)) {
    n -= 1;
    m += m;
  }
  m -= 1;
  let p: f32 = 7.0376836292e-2;
  p = p * m - 1.151461031e-1;
  p = p * m + 1.167699874e-1;
  p = p * m - 1.2420140846e-1;
  p = p * m + 1.4249322787e-1;
  p = p * m - 1.6668057665e-1;
  p = p * m + 2.0000714765e-1;
  p = p * m - 2.4999993993e-1;
  p = p * m + 3.3333331174e-1;
  const square = m * m;
  return m + (p * m - 0.5) * square + (n as f32) * (Math.LN2 as f32);
}

export function sum4(x: v128): f32 {
  return f32x4.extract_lane(x, 0) + f32x4.extract_lane(x, 1) + (f32x4.extract_lane(x, 2) + f32x4.extract_lane(x, 3));
}

export function max4(x: v128): f32 {
  return max(
    max(f32x4.extract_lane(x, 0), f32x4.extract_lane(x, 1)),
    max(f32x4.extract_lane(x, 2), f32x4.extract_lane(x, 3)),
  );
}
