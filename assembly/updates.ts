// Update rules of optimizers, four elements at a time. `length` is bytes, a multiple of 16; arrays may coincide.

/** m ← β₁ m + (1 − β₁) g;  v ← β₂ v + (1 − β₂) g²;  θ ← shrink · θ − rate · scale₁ m / (√(scale₂ v) + ε) */
export function adam(
  parameter: usize,
  gradient: usize,
  out: usize,
  m: usize,
  v: usize,
  length: usize,
  rate: f32,
  beta1: f32,
  beta2: f32,
  epsilon: f32,
  scale1: f32,
  scale2: f32,
  shrink: f32,
): void {
  const step = f32x4.splat(rate);
  const keepM = f32x4.splat(beta1);
  const takeM = f32x4.splat(1 - beta1);
  const keepV = f32x4.splat(beta2);
  const takeV = f32x4.splat(1 - beta2);
  const epsilons = f32x4.splat(epsilon);
  const scalesM = f32x4.splat(scale1);
  const scalesV = f32x4.splat(scale2);
  const shrinks = f32x4.splat(shrink);
  for (let at: usize = 0; at < length; at += 16) {
    const g = v128.load(gradient + at);
    const newM = f32x4.add(f32x4.mul(keepM, v128.load(m + at)), f32x4.mul(takeM, g));
    const newV = f32x4.add(f32x4.mul(keepV, v128.load(v + at)), f32x4.mul(f32x4.mul(takeV, g), g));
    const divisor = f32x4.add(f32x4.sqrt(f32x4.mul(scalesV, newV)), epsilons);
    const move = f32x4.div(f32x4.mul(step, f32x4.mul(scalesM, newM)), divisor);
    v128.store(m + at, newM);
    v128.store(v + at, newV);
    v128.store(out + at, f32x4.sub(f32x4.mul(shrinks, v128.load(parameter + at)), move));
  }
}

/** θ ← shrink · θ − rate · sign(β₁ m + (1 − β₁) g);  m ← β₂ m + (1 − β₂) g */
export function lion(
  parameter: usize,
  gradient: usize,
  out: usize,
  m: usize,
  length: usize,
  rate: f32,
  beta1: f32,
  beta2: f32,
  shrink: f32,
): void {
  const step = f32x4.splat(rate);
  const keepNow = f32x4.splat(beta1);
  const takeNow = f32x4.splat(1 - beta1);
  const keep = f32x4.splat(beta2);
  const take = f32x4.splat(1 - beta2);
  const shrinks = f32x4.splat(shrink);
  for (let at: usize = 0; at < length; at += 16) {
    const g = v128.load(gradient + at);
    const old = v128.load(m + at);
    const direction = sign(f32x4.add(f32x4.mul(keepNow, old), f32x4.mul(takeNow, g)));
    v128.store(m + at, f32x4.add(f32x4.mul(keep, old), f32x4.mul(take, g)));
    const shrunk = f32x4.mul(shrinks, v128.load(parameter + at));
    v128.store(out + at, f32x4.sub(shrunk, f32x4.mul(step, direction)));
  }
}

/** −1, 0 or 1; NaN of NaN. */
function sign(x: v128): v128 {
  const one = f32x4.splat(1);
  const zero = f32x4.splat(0);
  const signs = f32x4.sub(v128.and(f32x4.gt(x, zero), one), v128.and(f32x4.lt(x, zero), one));
  return v128.or(signs, f32x4.ne(x, x)); // all bits set, which is NaN too
}
