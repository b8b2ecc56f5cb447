/** WGSL that joins what the invocations of a workgroup found, quadruples at a time. */

/** How quadruples are joined. */
export interface Join {
  /** What `join` leaves as it is. */
  start: string;
  /** The body of a function of a and b. */
  join: string;
}

export const SUM: Join = {start: 'vec4f(0.0)', join: 'return a + b;'};

/** Pairs (maximum, Σ exp(x − maximum)) in xy and in zw. */
export const LOG_SUM: Join = {
  start: 'vec4f(-3e38, 0.0, -3e38, 0.0)',
  join: `
    let top = max(a.xz, b.xz);
    let sum = a.yw * exp(a.xz - top) + b.yw * exp(b.xz - top);
    return vec4f(top.x, sum.x, top.y, sum.y);`,
};

/** The function `name` of two quadruples. */
export const joinFunction = (name: string, {join}: Join): string =>
  `fn ${name}(a : vec4f, b : vec4f) -> vec4f { ${join} }`;

/** Workgroup memory of `joinInvocations`. */
export const joinedMemory = (size: number): string => `var<workgroup> joined : array<vec4f, ${size}>;`;

/**
 * Joins `value` of `size` invocations, a power of two, by the function `join`: `joined[0]` is the result for all of
 * them. It may be read until the next call, before which a barrier has to stand. `lane` is a number of type `integer`.
 */
export const joinInvocations = (join: string, value: string, size: number, integer: 'i32' | 'u32'): string => {
  const unit = integer === 'u32' ? 'u' : '';
  return /* wgsl */ `
    joined[lane] = ${value};
    workgroupBarrier();
    for (var width = ${size / 2}${unit}; width > 0${unit}; width /= 2${unit}) {
      if (lane < width) { joined[lane] = ${join}(joined[lane], joined[lane + width]); }
      workgroupBarrier();
    }`;
};
