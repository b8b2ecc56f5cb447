/**
 * WGSL of sine and cosine to 1e-7 by the series of sin x on [−π/2, π/2]: the built-in functions may be off by 5e-4.
 * π is taken off in two parts, the first of 8 bits, whose products are exact.
 */
export const WAVES = /* wgsl */ `
  fn sineNear(x : vec4f, halfTurns : vec4f, odd : vec4f) -> vec4f {
    let r = (x - halfTurns * 3.140625) - halfTurns * 9.67653589793e-4;
    let s = r * r;
    let series = 1.0 + s * (-0.16666666666 + s * (8.3333333333e-3 + s * (-1.9841269841e-4
      + s * (2.7557319224e-6 - s * 2.5052108385e-8))));
    return series * r * (1.0 - 2.0 * fract(odd * 0.5) * 2.0);
  }
  fn sine(x : vec4f) -> vec4f {
    let n = floor(x * 0.31830988618 + 0.5);
    return sineNear(x, n, n);
  }
  fn cosine(x : vec4f) -> vec4f {
    let n = floor(x * 0.31830988618 + 1.0);
    return sineNear(x, n - 0.5, n);
  }`;
