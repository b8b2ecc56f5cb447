/**
 * WGSL of `sineSeries(x)` for x in [−π/2, π/2], to 1e-7: the built-in functions may be off by 5e-4.
 *
 * @param type Of x and of the result.
 */
export const sineSeries = (type: 'f32' | 'vec4f'): string => /* wgsl */ `
  fn sineSeries(x : ${type}) -> ${type} {
    let s = x * x;
    return x * (1.0 + s * (-0.16666666666666666 + s * (8.333333333333333e-3 + s * (-1.984126984126984e-4
      + s * (2.7557319223985893e-6 - s * 2.505210838544172e-8)))));
  }`;
