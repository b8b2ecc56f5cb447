import {sineSeries} from '../../../internal/webgpu_sine.js';

/**
 * WGSL of sine and cosine to 1e-7, by the series on [−π/2, π/2]. π is taken off in two parts, the first of 8 bits, whose
 * products are exact.
 */
export const WAVES = /* wgsl */ `
  ${sineSeries('vec4f')}
  fn sineNear(x : vec4f, halfTurns : vec4f, odd : vec4f) -> vec4f {
    let r = (x - halfTurns * 3.140625) - halfTurns * 9.67653589793e-4;
    return sineSeries(r) * (1.0 - 2.0 * fract(odd * 0.5) * 2.0);
  }
  fn sine(x : vec4f) -> vec4f {
    let n = floor(x * 0.31830988618 + 0.5);
    return sineNear(x, n, n);
  }
  fn cosine(x : vec4f) -> vec4f {
    let n = floor(x * 0.31830988618 + 1.0);
    return sineNear(x, n - 0.5, n);
  }`;
