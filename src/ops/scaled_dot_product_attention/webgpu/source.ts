/** WGSL that the attention shaders share. */
import {KEPT_WEIGHT} from '../../counter_dropout/webgpu.js';
import {UNIFORMS, type Variant} from './variant.js';

/** Rows of a workgroup, one for each invocation. */
export const ROWS = 64;

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

/** `read<Name>(row, i)`: vector i of a row, with 0 behind its end. */
export function reader(name: string, vectors: number, aligned: boolean, width: 'width' | 'valueWidth'): string {
  const head = `fn read${name}(row : u32, i : u32) -> vec4f {`;
  if (aligned) return `${head} return ${name}[row * ${vectors}u + i]; }`;
  return /* wgsl */ `${head}
    let at = row * u.${width} + 4u * i;
    let left = u.${width} - 4u * i;
    return vec4f(${name}[at], select(0.0, ${name}[at + 1u], left > 1u), select(0.0, ${name}[at + 2u], left > 2u),
      select(0.0, ${name}[at + 3u], left > 3u));
  }`;
}

/** `write<Name>(row, i, x)`. */
export function writer(name: string, vectors: number, aligned: boolean, width: 'width' | 'valueWidth'): string {
  const head = `fn write${name}(row : u32, i : u32, x : vec4f) {`;
  if (aligned) return `${head} ${name}[row * ${vectors}u + i] = x; }`;
  return /* wgsl */ `${head}
    let at = row * u.${width} + 4u * i;
    let left = u.${width} - 4u * i;
    ${name}[at] = x.x;
    if (left > 1u) { ${name}[at + 1u] = x.y; }
    if (left > 2u) { ${name}[at + 2u] = x.z; }
    if (left > 3u) { ${name}[at + 3u] = x.w; }
  }`;
}

/** A score that is not to be seen: below all others, and far enough from the end of the floats to subtract. */
const HIDDEN = -1.5e38;

/**
 * Which keys a row may read, what is added to its scores, and what its weights are multiplied by.
 *
 * @param keptKey WGSL that tells whether the mask keeps key j of sample b.
 */
export function scoring(variant: Variant, keptKey = 'Mask[b * u.keys + j] != 0'): string {
  const {causal, mask, allowed, bias, dropout} = variant;
  const conditions = [
    'j < limitOf(i)',
    ...(mask ? [`(${keptKey})`] : []),
    ...(allowed ? ['Allowed[b * u.allowedBatch + h * u.allowedHead + i * u.allowedRow + j * u.allowedKey] != 0'] : []),
  ];
  return /* wgsl */ `
    const HIDDEN = ${HIDDEN};
    fn limitOf(i : u32) -> u32 {
      ${causal ? 'return u32(clamp(i32(i + 1u + u.keys) - i32(u.queries), 0, i32(u.keys)));' : 'return u.keys;'}
    }
    fn sees(b : u32, h : u32, i : u32, j : u32) -> bool {
      return ${conditions.join(' && ')};
    }
    fn total(x : vec4f) -> f32 { return x.x + x.y + x.z + x.w; }
    ${
      bias
        ? `fn biasAt(b : u32, h : u32, i : u32, j : u32) -> f32 {
             return max(f32(Bias[b * u.biasBatch + h * u.biasHead + i * u.biasRow + j * u.biasKey]), -1e12);
           }`
        : ''
    }
    ${
      dropout
        ? `${KEPT_WEIGHT}
           fn keptAt(group : u32, i : u32, j : u32) -> f32 {
             return keptWeight((group * u.queries + i) * u.keys + j, u.dropKey, u.dropThreshold, u.kept);
           }`
        : ''
    }`;
}

/** `countOf(b, h, i)`: the keys that a row sees. */
export function counting({mask, allowed}: Variant): string {
  if (!mask && !allowed) return 'fn countOf(b : u32, h : u32, i : u32) -> f32 { return f32(limitOf(i)); }';
  return /* wgsl */ `
    fn countOf(b : u32, h : u32, i : u32) -> f32 {
      var count = 0u;
      for (var j = 0u; j < limitOf(i); j++) { count += select(0u, 1u, sees(b, h, i, j)); }
      return f32(count);
    }`;
}

/** The factor of a row's scores: ln max(n, minLength) / ln lengthBase for softmaxPlus. */
export const factorOf = ({squared, counts}: Variant): string =>
  squared || counts === 'none' ? '1.0' : 'log(max(countOf(b, h, i), u.minLength)) * u.perLogLength';

/** Four values of `of(c)`, for the rows c to c + 3 of a tile. */
export const four = (of: (c: string) => string): string =>
  `vec4(${['c', 'c + 1u', 'c + 2u', 'c + 3u'].map(of).join(', ')})`;

/** Products of one row with the rows c to c + 3 of a tile, as a vec4f named `result`. */
export const products = (result: string, tile: string, vectors: number, element: string): string => /* wgsl */ `
  var ${result} = vec4f(0.0);
  {
    var x0 = vec4f(0.0); var x1 = vec4f(0.0); var x2 = vec4f(0.0); var x3 = vec4f(0.0);
    for (var i = 0u; i < ${vectors}u; i++) {
      let x = ${element};
      let at = c * ${vectors}u + i;
      x0 = fma(x, ${tile}[at], x0);
      x1 = fma(x, ${tile}[at + ${vectors}u], x1);
      x2 = fma(x, ${tile}[at + ${2 * vectors}u], x2);
      x3 = fma(x, ${tile}[at + ${3 * vectors}u], x3);
    }
    ${result} = vec4f(total(x0), total(x1), total(x2), total(x3));
  }`;

/** `sums[i] = fade · sums[i] + Σ_c weights_c · tile row c`. */
export function accumulate(sums: string, tile: string, rows: number, vectors: number, weights: string, fade?: string) {
  const terms = Array.from({length: rows}, (_, c) => {
    const weight = `${weights}[${Math.floor(c / 4)}].${'xyzw'[c % 4]}`;
    return `sum = fma(vec4f(${weight}), ${tile}[${c * vectors}u + i], sum);`;
  });
  return /* wgsl */ `
    for (var i = 0u; i < ${vectors}u; i++) {
      var sum = ${sums}[i]${fade ? ` * ${fade}` : ''};
      ${terms.join('\n')}
      ${sums}[i] = sum;
    }`;
}

/** Copies a tile of rows into workgroup memory; rows at `end` and behind, and vectors behind `vectors`, become 0. */
export const stage = (
  tile: string,
  read: string,
  rows: number,
  [own, vectors]: [own: number, vectors: number],
  {base, from, end, piece}: {base: string; from: string; end: string; piece?: string},
): string => /* wgsl */ `
  for (var x = lane; x < ${rows * own}u; x += ${ROWS}u) {
    let at = ${from} + x / ${own}u;
    let i = ${piece ? `${piece} * ${own}u + ` : ''}x % ${own}u;
    if (at < ${end} && i < ${vectors}u) { ${tile}[x] = ${read}(${base} + at, i); } else { ${tile}[x] = vec4f(0.0); }
  }`;

export const module = (bindings: readonly Binding[], parts: readonly string[], main: string): string => /* wgsl */ `
  ${UNIFORMS}
  ${declare(bindings)}
  ${parts.join('\n')}
  @compute @workgroup_size(${ROWS})
  fn main(
    @builtin(workgroup_id) place : vec3u,
    @builtin(num_workgroups) places : vec3u,
    @builtin(local_invocation_index) lane : u32,
  ) {
    ${main}
  }`;

/** A group is one head of one sample. */
export const GROUP = /* wgsl */ `
  let group = place.z * places.y + place.y;
  if (group >= u.batch * u.heads) { return; }
  let b = group / u.heads;
  let h = group % u.heads;`;
