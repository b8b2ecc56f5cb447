/**
 * WGSL of tiles in float16: rows that are read over and over take half the memory and half the bandwidth.
 *
 * A row is stored divided by its unit, the power of two that brings its largest number to the upper end of float16's
 * range: nothing overflows, and what is 2^28 times smaller than the largest still has all its digits. Units belong to
 * rows, so that a hidden key changes no other.
 */
import {stage} from '../../../internal/webgpu_rows.js';
import {KEYS} from './source.js';

/** 16 KiB less the units of the rows. */
const WORKGROUP_VECTORS = 1984;

/** Rows of a tile whose keys and values hold so many vectors together. */
export const float16Rows = (vectors: number): number => [32, 16].find(rows => rows * vectors <= WORKGROUP_VECTORS) ?? 8;

/** `unitOf(top)`, of a row whose largest finite number is `top`, and `inUnits(x, unit)`. */
export const UNITS = /* wgsl */ `
  fn unitOf(top : f32) -> f32 {
    return bitcast<f32>((max(bitcast<u32>(top) >> 23u, 15u) - 14u) << 23u);
  }
  fn perUnit(unit : f32) -> f32 { return bitcast<f32>((254u << 23u) - bitcast<u32>(unit)); }
  fn inUnits(x : vec4f, unit : f32) -> vec4h { return vec4h(x * perUnit(unit)); }
  fn largest(x : vec4f) -> f32 {
    let bits = bitcast<vec4u>(x) & vec4u(0x7fffffffu);
    let sizes = bitcast<vec4f>(select(vec4u(0u), bits, bits < vec4u(0x7f800000u)));
    return max(max(sizes.x, sizes.y), max(sizes.z, sizes.w));
  }`;

/** A tile, and the function that reads its rows. */
export interface Float16Tile {
  tile: string;
  units: string;
  take: string;
  /** Vectors of a row that are held, and of a whole row. */
  vectors: [own: number, whole: number];
  /** WGSL of the piece of the row that is held. */
  piece?: string;
}

export const declareTile = ({tile, units, vectors}: Float16Tile, rows: number): string => /* wgsl */ `
  var<workgroup> ${tile} : array<vec4h, ${rows * vectors[0]}>;
  var<workgroup> ${units} : array<f32, ${rows}>;`;

/** Fills tiles with the rows from j on; an invocation for each row finds its unit first. */
export const stageTiles = (tiles: readonly Float16Tile[], rows: number): string => /* wgsl */ `
  ${tiles.map((tile, n) => findUnits(tile, rows, n)).join('')}
  workgroupBarrier();
  ${tiles
    .map(({tile, units, take, vectors, piece}) =>
      stage(tile, take, rows, vectors, {...KEYS, piece}, (vector, row) => `inUnits(${vector}, ${units}[${row}])`),
    )
    .join('\n')}`;

/** By the invocations from n · rows on: two tiles of 32 rows take all 64. */
const findUnits = ({units, take, vectors: [own, whole], piece}: Float16Tile, rows: number, n: number) => /* wgsl */ `
  if (lane >= ${n * rows}u && lane < ${(n + 1) * rows}u) {
    let at = lane - ${n * rows}u;
    var top = 0.0;
    if (j + at < end) {
      for (var n = 0u; n < ${own}u; n++) {
        let i = ${piece ? `${piece} * ${own}u + ` : ''}n;
        if (i < ${whole}u) { top = max(top, largest(${take}(group * u.keys + j + at, i))); }
      }
    }
    ${units}[at] = unitOf(top);
  }`;
