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

/** What a module with subgroups begins with, and what its entry point takes besides `lane`. */
export const SUBGROUPS = {
  enable: 'enable subgroups;',
  parameters: `
    @builtin(subgroup_size) subgroup_lanes : u32, @builtin(subgroup_invocation_id) subgroup_lane : u32,
    @builtin(subgroup_id) subgroup : u32, @builtin(num_subgroups) subgroup_count : u32,`,
};

export interface InvocationsToJoin {
  /** A function of two quadruples, as `joinFunction` writes it. */
  join: string;
  /** The quadruple of the invocation. */
  value: string;
  /** Invocations of the workgroup, a power of two. */
  size: number;
  /** The type of `lane`, the number of the invocation. */
  integer: 'i32' | 'u32';
  /** Whether the module has `SUBGROUPS`: one barrier then instead of one for each halving. */
  subgroups?: boolean;
}

/** Declares `result`, the join over all invocations, which each of them gets. Control flow has to be uniform. */
export const joinInvocations = (result: string, how: InvocationsToJoin): string =>
  how.subgroups ? bySubgroups(result, how) : byHalving(result, how);

function byHalving(result: string, {join, value, size, integer}: InvocationsToJoin): string {
  const unit = integer === 'u32' ? 'u' : '';
  return /* wgsl */ `
    joined[lane] = ${value};
    workgroupBarrier();
    for (var width = ${size / 2}${unit}; width > 0${unit}; width /= 2${unit}) {
      if (lane < width) { joined[lane] = ${join}(joined[lane], joined[lane + width]); }
      workgroupBarrier();
    }
    let ${result} = joined[0];
    workgroupBarrier();`;
}

/** In the same order at each run. A subgroup may be wider than the workgroup. */
const bySubgroups = (result: string, {join, value, size}: InvocationsToJoin): string => /* wgsl */ `
  var own_${result} = ${value};
  for (var width = 1u; width < min(subgroup_lanes, ${size}u); width *= 2u) {
    own_${result} = ${join}(own_${result}, subgroupShuffleXor(own_${result}, width));
  }
  if (subgroup_lane == 0u) { joined[subgroup] = own_${result}; }
  workgroupBarrier();
  var all_${result} = joined[0];
  for (var n = 1u; n < subgroup_count; n++) { all_${result} = ${join}(all_${result}, joined[n]); }
  let ${result} = all_${result};
  workgroupBarrier();`;
