/**
 * WGSL of kernels whose invocations each own a row, and read the rows of other tensors from tiles in workgroup memory.
 *
 * Rows are taken as vectors of four channels, of which the last may be partly filled.
 */

import {SUBGROUPS} from './webgpu_reductions.js';

/** Rows of a workgroup, one for each invocation. */
export const ROWS = 64;

/** The largest number of workgroups along one dimension. */
export const MOST_WORKGROUPS = 65535;

/** 16 KiB, what every device has. */
const WORKGROUP_VECTORS = 1024;

/** Rows of a tile in workgroup memory, which each hold so many vectors; a multiple of four. */
export const tileRows = (vectors: number): number => (16 * vectors <= WORKGROUP_VECTORS ? 16 : 8);

/** A storage buffer: its name, the type of its numbers, and whether the shader writes it. */
export interface Binding {
  name: string;
  type: 'f32' | 'i32' | 'vec4f';
  written?: boolean;
}

const declare = (bindings: readonly Binding[]): string =>
  bindings
    .map(
      ({name, type, written}, at) =>
        `@group(0) @binding(${at}) var<storage, ${written ? 'read_write' : 'read'}> ${name} : array<${type}>;`,
    )
    .concat(`@group(0) @binding(${bindings.length}) var<uniform> u : Uniforms;`)
    .join('\n');

/** Bindings of rows of `width` channels. */
export const rowBinding = (name: string, aligned: boolean, written = false): Binding => ({
  name,
  type: aligned ? 'vec4f' : 'f32',
  written,
});

/** `read<Name>(row, i)`: vector i of a row of `width` channels of `buffer`, with 0 behind its end. */
export function reader(name: string, vectors: number, aligned: boolean, width: string, buffer = name): string {
  const head = `fn read${name}(row : u32, i : u32) -> vec4f {`;
  if (aligned) return `${head} return ${buffer}[row * ${vectors}u + i]; }`;
  return /* wgsl */ `${head}
    let at = row * ${width} + 4u * i;
    let left = ${width} - 4u * i;
    return vec4f(${buffer}[at], select(0.0, ${buffer}[at + 1u], left > 1u), select(0.0, ${buffer}[at + 2u], left > 2u),
      select(0.0, ${buffer}[at + 3u], left > 3u));
  }`;
}

/** `write<Name>(row, i, x)`. */
export function writer(name: string, vectors: number, aligned: boolean, width: string): string {
  const head = `fn write${name}(row : u32, i : u32, x : vec4f) {`;
  if (aligned) return `${head} ${name}[row * ${vectors}u + i] = x; }`;
  return /* wgsl */ `${head}
    let at = row * ${width} + 4u * i;
    let left = ${width} - 4u * i;
    ${name}[at] = x.x;
    if (left > 1u) { ${name}[at + 1u] = x.y; }
    if (left > 2u) { ${name}[at + 2u] = x.z; }
    if (left > 3u) { ${name}[at + 3u] = x.w; }
  }`;
}

/** Four values of `of(c)`, for the rows c to c + 3 of a tile. */
export const four = (of: (c: string) => string): string =>
  `vec4(${['c', 'c + 1u', 'c + 2u', 'c + 3u'].map(of).join(', ')})`;

/** Products of one row with the rows c to c + 3 of a tile, as a vec4f named `result`; both of either precision. */
export const products = (result: string, tile: string, vectors: number, element: string): string => /* wgsl */ `
  var ${result} = vec4f(0.0);
  {
    var x0 = vec4f(0.0); var x1 = vec4f(0.0); var x2 = vec4f(0.0); var x3 = vec4f(0.0);
    for (var i = 0u; i < ${vectors}u; i++) {
      let x = vec4f(${element});
      let at = c * ${vectors}u + i;
      x0 = fma(x, vec4f(${tile}[at]), x0);
      x1 = fma(x, vec4f(${tile}[at + ${vectors}u]), x1);
      x2 = fma(x, vec4f(${tile}[at + ${2 * vectors}u]), x2);
      x3 = fma(x, vec4f(${tile}[at + ${3 * vectors}u]), x3);
    }
    ${result} = vec4f(total(x0), total(x1), total(x2), total(x3));
  }`;

/** `sums[i] = fade · sums[i] + Σ_c weights_c · tile row c`. */
export function accumulate(sums: string, tile: string, rows: number, vectors: number, weights: string, fade?: string) {
  const terms = Array.from({length: rows}, (_, c) => {
    const weight = `${weights}[${Math.floor(c / 4)}].${'xyzw'[c % 4]}`;
    return `sum = fma(vec4f(${weight}), vec4f(${tile}[${c * vectors}u + i]), sum);`;
  });
  return /* wgsl */ `
    for (var i = 0u; i < ${vectors}u; i++) {
      var sum = ${sums}[i]${fade ? ` * ${fade}` : ''};
      ${terms.join('\n')}
      ${sums}[i] = sum;
    }`;
}

/**
 * Copies a tile of rows into workgroup memory; rows at `end` and behind, and vectors behind `vectors`, become 0.
 * `stored` gives vector i of row n of the tile as it is stored; as it was read unless told.
 */
export const stage = (
  tile: string,
  read: string,
  rows: number,
  [own, vectors]: [own: number, vectors: number],
  {base, from, end, piece}: {base: string; from: string; end: string; piece?: string},
  stored: (vector: string, row: string) => string = vector => vector,
): string => /* wgsl */ `
  for (var x = lane; x < ${rows * own}u; x += ${ROWS}u) {
    let at = ${from} + x / ${own}u;
    let i = ${piece ? `${piece} * ${own}u + ` : ''}x % ${own}u;
    if (at < ${end} && i < ${vectors}u) { ${tile}[x] = ${stored(`${read}(${base} + at, i)`, `x / ${own}u`)}; }
    else { ${tile}[x] = ${stored('vec4f(0.0)', `x / ${own}u`)}; }
  }`;

/** What a shader may use beyond the common ground. */
export interface ShaderFeatures {
  /** Joins by subgroups. */
  subgroups?: boolean;
  float16?: boolean;
  /** Products of matrices by subgroups; with `float16`. */
  matrices?: boolean;
}

/** A compute shader; `uniforms` declares `struct Uniforms`. */
export const shader = (
  uniforms: string,
  bindings: readonly Binding[],
  parts: readonly string[],
  main: string,
  {subgroups = false, float16 = false, matrices = false}: ShaderFeatures = {},
): string => /* wgsl */ `
  ${float16 ? 'enable f16;' : ''}
  ${matrices ? 'enable chromium_experimental_subgroup_matrix;' : ''}
  ${subgroups || matrices ? SUBGROUPS.enable : ''}
  ${uniforms}
  ${declare(bindings)}
  ${parts.join('\n')}
  @compute @workgroup_size(${ROWS})
  fn main(
    @builtin(workgroup_id) place : vec3u,
    @builtin(num_workgroups) places : vec3u,
    ${subgroups || matrices ? SUBGROUPS.parameters : ''}
    @builtin(local_invocation_index) lane : u32,
  ) {
    ${main}
  }`;

/** Workgroups for each of `groups`, which lie along the second dimension, and the third where they are too many. */
export function gridOf(tiles: number, groups: number): [number, number, number] {
  const side = Math.min(groups, MOST_WORKGROUPS);
  return [tiles, side, Math.ceil(groups / side)];
}

/** Workgroups of a shader with one invocation for each of `count` things, numbered by `INVOCATION`. */
export function flatGrid(count: number): [number, number] {
  const tiles = Math.ceil(count / ROWS);
  const across = Math.min(tiles, MOST_WORKGROUPS);
  return [across, Math.ceil(tiles / across)];
}

/** The number of an invocation in a flat grid. */
export const INVOCATION = `(place.y * places.x + place.x) * ${ROWS}u + lane`;

/** The number of a workgroup's group. */
export const GROUP_INDEX = 'place.z * places.y + place.y';
