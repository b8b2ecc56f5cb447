/**
 * WGSL of kernels that rotate rows of queries and keys as they load them, and gradients before they write them. Cosines
 * and sines are read from a table, as those of shaders are off by 2e-4.
 *
 * A vector of four channels turns to x · cos + partner · sin, where the partner has the other channel of each pair and
 * sines of first channels are negative.
 */
import {reader} from '../../internal/webgpu_rows.js';
import type {RotaryLayout} from './tables.js';

/** How the rows lie that are rotated. */
export interface TurnedRows {
  /** WGSL of the place of row `row` in the table. */
  place: string;
  layout: RotaryLayout;
  /** Vectors of four channels in a row; the last may be partly filled. */
  vectors: number;
  /** Whether they are bound as vectors; see `turnsByVector`. */
  aligned: boolean;
}

/** Whether rows of `width` channels, and the halves of them that are partners, begin on a vector. */
export const turnsByVector = (layout: RotaryLayout, width: number): boolean =>
  width % (layout === 'half' ? 8 : 4) === 0;

/**
 * `turnOf(place, i)`: cosines and sines of vector i of a row of `u.width` channels.
 *
 * @param buffer Holds the turns of a `Rotation`, from its number `first`.
 */
export const turnFunctions = (layout: RotaryLayout, buffer: string, first = '0u'): string => /* wgsl */ `
  struct Turn { cosines : vec4f, sines : vec4f, };
  fn turnAt(place : u32, pair : u32) -> vec2f {
    let at = ${first} + place * u.width + 2u * min(pair, u.width / 2u - 1u);
    return vec2f(${buffer}[at], ${buffer}[at + 1u]);
  }
  fn turnOf(place : u32, i : u32) -> Turn {
    ${
      layout === 'half'
        ? /* wgsl */ `
    let half = u.width / 2u;
    let channels = 4u * i + vec4u(0u, 1u, 2u, 3u);
    let pairs = channels % half;
    let a = turnAt(place, pairs.x);
    let b = turnAt(place, pairs.y);
    let c = turnAt(place, pairs.z);
    let d = turnAt(place, pairs.w);
    let signs = select(vec4f(-1.0), vec4f(1.0), channels >= vec4u(half));
    return Turn(vec4f(a.x, b.x, c.x, d.x), signs * vec4f(a.y, b.y, c.y, d.y));`
        : /* wgsl */ `
    let a = turnAt(place, 2u * i);
    let b = turnAt(place, 2u * i + 1u);
    return Turn(vec4f(a.x, a.x, b.x, b.x), vec4f(-a.y, a.y, -b.y, b.y));`
    }
  }`;

/**
 * The place of `row` in the table where `length` rows are a sequence and `sequences` of those a sample.
 *
 * @param bySample Whether the table has the places of each sample.
 */
export const placeOfRow = (length: string, sequences: string, bySample: boolean): string =>
  bySample ? `(row / (${sequences} * ${length}) * ${length} + row % ${length})` : `row % ${length}`;

/** `read<Name>(row, i)` as `reader` writes it, of rotated rows. */
export const turningReader = (name: string, rows: TurnedRows): string => /* wgsl */ `
  ${reader(`Stored${name}`, rows.vectors, rows.aligned, 'u.width', name)}
  fn read${name}(row : u32, i : u32) -> vec4f {
    let turn = turnOf(${rows.place}, i);
    let partner = ${partner(
      rows,
      vector => `readStored${name}(row, ${vector})`,
      channel => `${name}[row * u.width + ${channel}]`,
    )};
    return readStored${name}(row, i) * turn.cosines + partner * turn.sines;
  }`;

/** Vector i of a row that an invocation holds in the array `held`, rotated back by `turn`. */
export const turnedBack = (held: string, rows: TurnedRows): string =>
  `(${held}[i] * turn.cosines - ${partner(
    rows,
    vector => `${held}[${vector}]`,
    channel => `${held}[(${channel}) / 4u][(${channel}) % 4u]`,
  )} * turn.sines)`;

/** The other channels of the pairs of vector i. */
function partner(
  {layout, vectors, aligned}: TurnedRows,
  vector: (i: string) => string,
  channel: (at: string) => string,
): string {
  if (layout === 'interleaved') return `${vector('i')}.yxwz`;
  if (aligned) return vector(`(i + ${vectors / 2}u) % ${vectors}u`);
  const other = (at: string) => channel(`(${at} + u.width / 2u) % u.width`);
  return `vec4f(${[0, 1, 2, 3].map(c => `select(0.0, ${other(`4u * i + ${c}u`)}, 4u * i + ${c}u < u.width)`).join(', ')})`;
}
