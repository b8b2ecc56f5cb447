/** WGSL that the attention shaders share. */
import {GROUP_INDEX, ROWS, reader} from '../../../internal/webgpu_rows.js';
import {KEPT_WEIGHT} from '../../counter_dropout/webgpu.js';
import {placeOfRow, type TurnedRows, turnedBack, turningReader} from '../../rotary_embedding/on_load.js';
import type {Variant} from './variant.js';

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
    causal ? '(j < u.keys && j + u.queries <= i + u.keys)' : 'j < u.keys',
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

/** `takeQ` and `takeK`: vector i of a row, rotated where there is a rotation. */
export function headTakers(variant: Variant): string {
  const {head, headAligned, float16} = variant;
  const readRows = (name: string, length: string): string => {
    const rows = turnedRows(variant, length);
    return rows ? turningReader(name, rows) : reader(name, head, headAligned, 'u.width');
  };
  return /* wgsl */ `
    ${readRows('Q', 'u.queries')}
    ${readRows('K', 'u.keys')}
    ${float16 ? ROUNDED : ''}
    ${taker('Q', variant)}
    ${taker('K', variant)}`;
}

/** `takeV`, beside `headTakers`. */
export const valueTaker = (variant: Variant): string =>
  reader('V', variant.value, variant.valueAligned, 'u.valueWidth') + taker('V', variant);

const taker = (name: string, {float16}: Variant): string =>
  `fn take${name}(row : u32, i : u32) -> vec4f { return ${float16 ? `rounded(read${name}(row, i))` : `read${name}(row, i)`}; }`;

/** To the nearest number with the digits of float16, at any exponent; ties to even. Infinities and NaN stay. */
const ROUNDED = /* wgsl */ `
  fn rounded(x : vec4f) -> vec4f {
    let bits = bitcast<vec4u>(x);
    let even = (bits >> vec4u(13u)) & vec4u(1u);
    let nearest = (bits + vec4u(0xfffu) + even) & vec4u(0xffffe000u);
    let finite = (bits & vec4u(0x7f800000u)) != vec4u(0x7f800000u);
    return bitcast<vec4f>(select(bits, nearest, finite));
  }`;

/**
 * Writes the gradient of row `at` of q or k in its group, rotated back where it was rotated.
 *
 * @param length WGSL of how many rows a group has.
 */
export function writeHead(name: string, length: string, at: string, held: string, variant: Variant, factor = '') {
  const rows = turnedRows(variant, length);
  return /* wgsl */ `
    for (var i = 0u; i < ${variant.head}u; i++) {
      let row = group * ${length} + ${at};
      ${rows ? `let turn = turnOf(${rows.place}, i);` : ''}
      write${name}(row, i, ${rows ? turnedBack(held, rows) : `${held}[i]`}${factor});
    }`;
}

/** Rows of q or k that are to be rotated, where `length` are a group. */
const turnedRows = ({rotary, bySample, head, headAligned}: Variant, length: string): TurnedRows | undefined =>
  rotary && {
    layout: rotary,
    place: placeOfRow(length, 'u.heads', bySample),
    vectors: head,
    aligned: headAligned,
  };

/** A group is one head of one sample. */
export const GROUP = /* wgsl */ `
  let group = ${GROUP_INDEX};
  if (group >= u.batch * u.heads) { return; }
  let b = group / u.heads;
  let h = group % u.heads;`;

/** The rows of keys and values that a tile takes, from key j on. */
export const KEYS = {base: 'group * u.keys', from: 'j', end: 'end'};

/**
 * Code for the rows that see some of a tile, without barriers. Of a causal tile on the diagonal the invocations whose
 * rows see nothing pass it over together: in a loop of one turn, as a software driver runs an `if` that no one takes.
 */
export const whereSeen = ({causal}: Variant, sees: string, code: string): string =>
  causal ? `for (var seen_ = ${sees}; seen_; seen_ = false) { ${code} }` : code;

/** The first row of a tile of queries. Causal ones see the fewer keys the earlier they are: the last begin first. */
export const firstRow = ({causal}: Variant, tile: string): string =>
  causal ? `(u.queries - 1u) / ${ROWS}u * ${ROWS}u - ${tile} * ${ROWS}u` : `${tile} * ${ROWS}u`;
