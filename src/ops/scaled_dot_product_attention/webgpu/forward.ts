/**
 * Forward pass. An invocation owns a row of queries: it holds the query and up to 256 channels of the output, and reads
 * keys and values from tiles of 8 or 16 rows that its workgroup of 64 shares (16 KiB at most). A running maximum and
 * sum make the softmax, so that scores never leave the invocation.
 *
 * Wider values are taken in pieces, each by other workgroups, which compute the scores again. Writes the output, and
 * of each row the number that its weights follow from: the logarithm of its sum of exponentials, or 1/n for relu².
 *
 * Needs 5 storage buffers, and one for each of mask, bool and float bias, and rotation.
 */
import {
  accumulate,
  type Binding,
  four,
  products,
  ROWS,
  reader,
  rowBinding,
  shader,
  stage,
  tileRows,
  writer,
} from '../../../internal/webgpu_rows.js';
import {turnFunctions} from '../../rotary_embedding/on_load.js';
import {counting, factorOf, firstRow, GROUP, headReaders, scoring, whereSeen} from './source.js';
import {UNIFORMS, type Variant} from './variant.js';

/** Vectors of the output that an invocation holds. */
const HELD_VECTORS = 64;

/** Into how many pieces the values are cut, and the vectors of each. */
export function outputPieces({value}: Variant): {pieces: number; vectors: number} {
  const pieces = Math.ceil(value / HELD_VECTORS);
  return {pieces, vectors: Math.ceil(value / pieces)};
}

export const forwardBindings = ({headAligned, valueAligned, mask, allowed, bias, rotary}: Variant): Binding[] => [
  rowBinding('Q', headAligned),
  rowBinding('K', headAligned),
  rowBinding('V', valueAligned),
  ...(mask ? [{name: 'Mask', type: mask}] : []),
  ...(allowed ? [{name: 'Allowed', type: 'i32'} as const] : []),
  ...(bias ? [{name: 'Bias', type: bias}] : []),
  ...(rotary ? [{name: 'Turns', type: 'f32'} as const] : []),
  rowBinding('Output', valueAligned, true),
  {name: 'Norm', type: 'f32', written: true},
];

export function forwardSource(variant: Variant): string {
  const {head, value, valueAligned, squared, counts} = variant;
  const {pieces, vectors} = outputPieces(variant);
  const rows = tileRows(head + vectors);
  const counted = squared && counts !== 'none';
  return shader(
    UNIFORMS,
    forwardBindings(variant),
    [
      scoring(variant),
      counted || counts !== 'none' ? counting(variant) : '',
      variant.rotary ? turnFunctions(variant.rotary, 'Turns') : '',
      headReaders(variant),
      reader('V', value, valueAligned, 'u.valueWidth'),
      writer('Output', value, valueAligned, 'u.valueWidth'),
      `var<workgroup> keyTile : array<vec4f, ${rows * head}>;`,
      `var<workgroup> valueTile : array<vec4f, ${rows * vectors}>;`,
    ],
    /* wgsl */ `
    ${GROUP}
    let piece = place.x % ${pieces}u;
    let first = ${firstRow(variant, `place.x / ${pieces}u`)};
    let row = first + lane;
    let i = min(row, u.queries - 1u);
    let factor = ${factorOf(variant)};
    var query : array<vec4f, ${head}>;
    for (var n = 0u; n < ${head}u; n++) { query[n] = readQ(group * u.queries + i, n) * (u.scale * factor); }
    var output : array<vec4f, ${vectors}>;
    ${squared ? '' : 'var top = HIDDEN; var sum = 0.0;'}
    let end = limitOf(min(first + ${ROWS - 1}u, u.queries - 1u));
    let limit = limitOf(i);
    for (var j = 0u; j < end; j += ${rows}u) {
      workgroupBarrier();
      ${stage('keyTile', 'readK', rows, [head, head], {base: 'group * u.keys', from: 'j', end: 'end'})}
      ${stage('valueTile', 'readV', rows, [vectors, value], {base: 'group * u.keys', from: 'j', end: 'end', piece: 'piece'})}
      workgroupBarrier();
      ${whereSeen(variant, 'j < limit', attendToTile(variant, rows))}
    }
    ${
      squared
        ? `let norm = ${counted ? '1.0 / max(countOf(b, h, i), 1.0)' : 'u.fixedShare'}; let share = norm;`
        : /* wgsl */ `
    let norm = select(0.0, top + log(sum), sum > 0.0);
    let share = select(0.0, 1.0 / sum, sum > 0.0);`
    }
    if (row < u.queries) {
      for (var n = 0u; n < ${vectors}u; n++) {
        let at = piece * ${vectors}u + n;
        if (at < ${value}u) { writeOutput(group * u.queries + row, at, output[n] * share); }
      }
      if (piece == 0u) { Norm[group * u.queries + row] = norm; }
    }`,
  );
}

/** Adds the tile that begins at key j to the row. */
function attendToTile(variant: Variant, rows: number): string {
  const {head, squared, dropout} = variant;
  const {vectors} = outputPieces(variant);
  return /* wgsl */ `
      var weights : array<vec4f, ${rows / 4}>;
      ${squared ? '' : 'var newTop = top;'}
      for (var c = 0u; c < ${rows}u; c += 4u) {
        ${products('scores', 'keyTile', head, 'query[i]')}
        ${variant.bias ? `scores += factor * ${four(c => `biasAt(b, h, i, j + ${c})`)};` : ''}
        let seen = ${four(c => `sees(b, h, i, j + ${c})`)};
        ${
          squared
            ? /* wgsl */ `
        let strengths = select(vec4f(0.0), max(scores, vec4f(0.0)), seen);
        weights[c / 4u] = strengths * strengths;`
            : /* wgsl */ `
        scores = select(vec4f(HIDDEN), scores, seen);
        weights[c / 4u] = scores;
        newTop = max(newTop, max(max(scores.x, scores.y), max(scores.z, scores.w)));`
        }
      }
      ${
        squared
          ? ''
          : /* wgsl */ `
      let fade = exp(top - newTop);
      var added = 0.0;
      for (var c = 0u; c < ${rows / 4}u; c++) {
        let shares = select(vec4f(0.0), exp(weights[c] - newTop), weights[c] > vec4f(HIDDEN));
        weights[c] = shares;
        added += total(shares);
      }
      sum = sum * fade + added;
      top = newTop;`
      }
      ${
        dropout
          ? `for (var c = 0u; c < ${rows}u; c += 4u) {
               weights[c / 4u] *= ${four(c => `keptAt(group, i, j + ${c})`)};
             }`
          : ''
      }
      ${accumulate('output', 'valueTile', rows, vectors, 'weights', squared ? undefined : 'fade')}`;
}
