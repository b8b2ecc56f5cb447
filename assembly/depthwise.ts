// Depthwise convolution over the tokens of one sample, four channels at a time. Tap k of token t reads the token
// t + k · dilation − before, where there is one. Addresses are bytes.

/** Rows whose products are summed up before the sum goes to the others: long sums of floats lose digits. */
const BLOCK = 64;

/** The first tap of a row that reads no token before the first; `start` is what tap 0 reads. */
function firstTap(start: i32, dilation: i32): i32 {
  return start >= 0 ? 0 : (dilation - 1 - start) / dilation;
}

/** The tap after the last one that reads no token behind the last. */
function endTap(start: i32, dilation: i32, length: i32, taps: i32): i32 {
  return start >= length ? 0 : min(taps, (length - start + dilation - 1) / dilation);
}

/** y[t] = Σ_k kernel[k] ⊙ x[t + k · dilation − before] of `length` rows. */
export function depthwise(
  x: usize,
  kernel: usize,
  y: usize,
  length: i32,
  channels: i32,
  taps: i32,
  dilation: i32,
  before: i32,
): void {
  const row = (channels as usize) << 2;
  const whole = row & ~15;
  for (let t = 0; t < length; t++) {
    const start = t - before;
    const first = firstTap(start, dilation);
    const end = endTap(start, dilation, length, taps);
    const to = y + (t as usize) * row;
    for (let c: usize = 0; c < whole; c += 16) {
      let sum = f32x4.splat(0);
      for (let k = first; k < end; k++) {
        const read = v128.load(x + ((start + k * dilation) as usize) * row + c);
        sum = f32x4.add(sum, f32x4.mul(read, v128.load(kernel + (k as usize) * row + c)));
      }
      v128.store(to + c, sum);
    }
    for (let c = whole; c < row; c += 4) {
      let sum: f32 = 0;
      for (let k = first; k < end; k++) {
        const read = load<f32>(x + ((start + k * dilation) as usize) * row + c);
        sum += read * load<f32>(kernel + (k as usize) * row + c);
      }
      store<f32>(to + c, sum);
    }
  }
}

/** Bytes of scratch memory that `depthwiseKernelGradient` needs. */
export function kernelGradientScratch(channels: i32, taps: i32): usize {
  return ((taps * channels) as usize) << 2;
}

/** Adds Σ_t dy[t] ⊙ x[t + k · dilation − before] to the rows k of `gradient`. */
export function depthwiseKernelGradient(
  x: usize,
  dy: usize,
  gradient: usize,
  length: i32,
  channels: i32,
  taps: i32,
  dilation: i32,
  before: i32,
  sums: usize,
): void {
  const row = (channels as usize) << 2;
  const all = (taps as usize) * row;
  for (let from = 0; from < length; from += BLOCK) {
    memory.fill(sums, 0, all);
    const until = min(from + BLOCK, length);
    for (let t = from; t < until; t++) {
      const start = t - before;
      const end = endTap(start, dilation, length, taps);
      for (let k = firstTap(start, dilation); k < end; k++) {
        const read = x + ((start + k * dilation) as usize) * row;
        addProducts(sums + (k as usize) * row, read, dy + (t as usize) * row, row);
      }
    }
    addAll(gradient, sums, all);
  }
}

/** to += a ⊙ b, all of `length` bytes. */
function addProducts(to: usize, a: usize, b: usize, length: usize): void {
  const whole = length & ~15;
  for (let at: usize = 0; at < whole; at += 16) {
    v128.store(to + at, f32x4.add(v128.load(to + at), f32x4.mul(v128.load(a + at), v128.load(b + at))));
  }
  for (let at = whole; at < length; at += 4) {
    store<f32>(to + at, load<f32>(to + at) + load<f32>(a + at) * load<f32>(b + at));
  }
}

/** to += from, both of `length` bytes. */
function addAll(to: usize, from: usize, length: usize): void {
  for (let at: usize = 0; at < length; at += 4) store<f32>(to + at, load<f32>(to + at) + load<f32>(from + at));
}
