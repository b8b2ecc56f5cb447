/**
 * WGSL that the streamed losses of spans share. Scores of a row are met four cells at a time; a cell counts with one
 * weight as a negative and one as a positive, both 0 where it is impossible.
 */
import {joinedMemory, joinFunction, joinInvocations, LOG_SUM} from './webgpu_reductions.js';
import {type Binding, INVOCATION, ROWS, shader} from './webgpu_rows.js';

/** Columns of the bit mask of labels, and words of a row of it. */
export const COLUMNS = 256;
export const WORDS = COLUMNS / 32;

/** Rows of a tile of vectors in workgroup memory, beside the bit mask and the blocks' sums. */
export const spanTileRows = (head: number): number => (head <= 48 ? 16 : 8);

/** What the sources of both losses depend on. */
export interface SpanVariant {
  /** Vectors of four channels in a row; the last may be partly filled. */
  head: number;
  aligned: boolean;
  /** Type of the mask's numbers. */
  mask?: 'i32' | 'f32';
  trilMask: boolean;
  /** Whether sums of a workgroup are joined by subgroups. */
  subgroups: boolean;
}

export const SPAN_UNIFORMS = /* wgsl */ `
  struct Uniforms {
    heads : u32, groups : u32, rows : u32, width : u32, slots : u32, skipsFirst : u32, scale : f32, threshold : f32,
  };`;

/** The words of `SPAN_UNIFORMS`. */
export function spanUniforms(integers: [number, number, number, number, number, number], floats: [number, number]) {
  const words = new Int32Array(integers.length + floats.length);
  words.set(integers);
  new Float32Array(words.buffer).set(floats, integers.length);
  return words;
}

export const TOTAL = 'fn total(x : vec4f) -> f32 { return x.x + x.y + x.z + x.w; }';

/** `isPossible(sample, i, j)`: of the cell of start i and end j. */
export const possible = (hasMask: boolean, trilMask: boolean): string => /* wgsl */ `
  fn isPossible(sample : u32, i : u32, j : u32) -> bool {
    let inside = i < u.rows && j < u.rows && !(u.skipsFirst == 1u && i + j == 0u);
    return inside${trilMask ? ' && i <= j' : ''}${
      hasMask ? ' && Mask[sample * u.rows + i] != 0 && Mask[sample * u.rows + j] != 0' : ''
    };
  }`;

export const MARKS = `var<workgroup> marks : array<atomic<u32>, ${ROWS * WORDS}>;`;

/**
 * Sets the bits of 64 own rows and the 256 others from which `other` is.
 *
 * @param slots How many cells are listed, each from `Spans[at(slot)]`.
 */
export const markLabels = (slots: string, at: (slot: string) => string, byEnds: boolean): string => /* wgsl */ `
  for (var n = lane; n < ${ROWS * WORDS}u; n += ${ROWS}u) { atomicStore(&marks[n], 0u); }
  workgroupBarrier();
  let column = other / ${COLUMNS}u * ${COLUMNS}u;
  for (var slot = lane; slot < ${slots}; slot += ${ROWS}u) {
    let at = ${at('slot')};
    let mine = Spans[at${byEnds ? ' + 1u' : ''}] - i32(first);
    let its = Spans[at${byEnds ? '' : ' + 1u'}] - i32(column);
    if (mine >= 0 && mine < ${ROWS} && its >= 0 && its < ${COLUMNS}) {
      atomicOr(&marks[u32(mine) * ${WORDS}u + u32(its) / 32u], 1u << (u32(its) % 32u));
    }
  }`;

/** The bits of a tile of others in the own row, the first one last. */
export const TILE_BITS = `atomicLoad(&marks[lane * ${WORDS}u + other % ${COLUMNS}u / 32u]) >> (other % 32u)`;

/** `addCells(sums, …)` to (maximum, Σ w exp(s − maximum)) of negatives and, with −s, of positives; maxima are ≥ 0. */
export const ADD_CELLS = /* wgsl */ `
  fn addSide(pair : vec2f, x : vec4f, weights : vec4f) -> vec2f {
    let low = select(vec4f(0.0), x, weights > vec4f(0.0));
    let top = max(pair.x, max(max(low.x, low.y), max(low.z, low.w)));
    let shares = select(vec4f(0.0), weights * exp(x - top), weights > vec4f(0.0));
    return vec2f(top, pair.y * exp(pair.x - top) + total(shares));
  }
  fn addCells(sums : vec4f, scores : vec4f, negative : vec4f, positive : vec4f) -> vec4f {
    var positives = sums.zw;
    if (any(positive > vec4f(0.0))) { positives = addSide(positives, -scores, positive); }
    return vec4f(addSide(sums.xy, scores, negative), positives);
  }`;

/** `slopesOf(…)`: of the loss by the scores, from the logarithms of both sides. */
export const SLOPES = /* wgsl */ `
  fn slopesOf(scores : vec4f, logs : vec2f, negative : vec4f, positive : vec4f) -> vec4f {
    let push = select(vec4f(0.0), negative * exp(scores - logs.x), negative > vec4f(0.0));
    if (!any(positive > vec4f(0.0))) { return push; }
    return push - select(vec4f(0.0), positive * exp(-scores - logs.y), positive > vec4f(0.0));
  }`;

/** What `joinBlock` needs. */
export const BLOCK_PARTS: readonly string[] = [joinFunction('join', LOG_SUM), joinedMemory(ROWS)];

/** Declares `block`, `sums` of the rows of a workgroup joined; the spare ones are left out. */
export const joinBlock = (sums: string, subgroups: boolean): string => {
  const value = `select(vec4f(0.0), ${sums}, row < u.rows)`;
  return joinInvocations('block', {join: 'join', value, size: ROWS, integer: 'u32', subgroups});
};

export const LOSS_BINDINGS: readonly Binding[] = [
  {name: 'Blocks', type: 'vec4f'},
  {name: 'Loss', type: 'f32', written: true},
  {name: 'Logs', type: 'f32', written: true},
];

/** One invocation a sample and type joins its blocks; the 1 of 1 + Σ is exp(0). */
export const LOSS_SOURCE = shader(
  SPAN_UNIFORMS,
  LOSS_BINDINGS,
  [joinFunction('join', LOG_SUM)],
  /* wgsl */ `
  let group = ${INVOCATION};
  if (group >= u.groups) { return; }
  let blocks = (u.rows + ${ROWS - 1}u) / ${ROWS}u;
  var sums = vec4f(0.0, 1.0, 0.0, 1.0);
  for (var n = 0u; n < blocks; n++) { sums = join(sums, Blocks[group * blocks + n]); }
  let logs = sums.xz + log(sums.yw);
  Loss[group] = logs.x + logs.y;
  Logs[2u * group] = logs.x;
  Logs[2u * group + 1u] = logs.y;`,
);
