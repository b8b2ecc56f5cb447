/**
 * Forward pass. An invocation owns a row of queries: it holds the query and up to 256 channels of the output, and reads
 * keys and values from tiles of 8 or 16 rows that its workgroup of 64 shares (16 KiB at most). A running maximum and
 * sum make the softmax, so that scores never leave the invocation. In float16 queries and tiles are, of 8 to 32 rows;
 * products are summed up in float32, by subgroup matrices where the device has them.
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
  rowBinding,
  shader,
  stage,
  tileRows,
  writer,
} from '../../../internal/webgpu_rows.js';
import {turnFunctions} from '../../rotary_embedding/on_load.js';
import {declareTile, type Float16Tile, float16Rows, stageTiles, UNITS} from './float16_tiles.js';
import {
  declareMatrices,
  queryOfMatrices,
  scoresByMatrices,
  scoresOfMatrices,
  sumByMatrices,
  wholeMatrices,
} from './matrix_products.js';
import {counting, factorOf, firstRow, GROUP, headTakers, KEYS, scoring, valueTaker, whereSeen} from './source.js';
import {UNIFORMS, type Variant} from './variant.js';

/** Vectors of the output that an invocation holds. */
const HELD_VECTORS = 64;

/** Into how many pieces the values are cut, and the vectors of each. */
export function outputPieces({value, matrices}: Variant): {pieces: number; vectors: number} {
  const pieces = Math.ceil(value / HELD_VECTORS);
  const vectors = Math.ceil(value / pieces);
  return {pieces, vectors: matrices === undefined ? vectors : wholeMatrices(vectors, matrices[3])};
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
  const {head, value, valueAligned, squared, counts, float16, matrices} = variant;
  const {pieces, vectors} = outputPieces(variant);
  const rows = matrices?.[3] ?? (float16 ? float16Rows(head + vectors) : tileRows(head + vectors));
  const counted = squared && counts !== 'none';
  return shader(
    UNIFORMS,
    forwardBindings(variant),
    [
      scoring(variant),
      counts !== 'none' ? counting(variant) : '',
      variant.rotary ? turnFunctions(variant.rotary, 'Turns') : '',
      headTakers(variant),
      valueTaker(variant),
      writer('Output', value, valueAligned, 'u.valueWidth'),
      ...(float16
        ? [UNITS, ...float16Tiles(variant).map(tile => declareTile(tile, rows))]
        : [
            `var<workgroup> keyTile : array<vec4f, ${rows * head}>;`,
            `var<workgroup> valueTile : array<vec4f, ${rows * vectors}>;`,
          ]),
      matrices ? declareMatrices(matrices, head) : '',
    ],
    /* wgsl */ `
    ${GROUP}
    let piece = place.x % ${pieces}u;
    let first = ${firstRow(variant, `place.x / ${pieces}u`)};
    let row = first + lane;
    let i = min(row, u.queries - 1u);
    let factor = ${factorOf(variant)};
    ${loadQuery(variant)}
    var output : array<vec4f, ${vectors}>;
    ${squared ? '' : 'var top = HIDDEN; var sum = 0.0;'}
    let end = limitOf(min(first + ${ROWS - 1}u, u.queries - 1u));
    let limit = limitOf(i);
    for (var j = 0u; j < end; j += ${rows}u) {
      workgroupBarrier();
      ${
        float16
          ? stageTiles(float16Tiles(variant), rows)
          : stage('keyTile', 'takeK', rows, [head, head], KEYS) +
            stage('valueTile', 'takeV', rows, [vectors, value], {...KEYS, piece: 'piece'})
      }
      workgroupBarrier();
      ${
        matrices
          ? scoresByMatrices(matrices, head) + weights(variant, rows) + sumByMatrices(matrices, vectors, !squared)
          : whereSeen(variant, 'j < limit', weights(variant, rows) + addValues(variant, rows))
      }
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
    {float16, matrices: matrices !== undefined},
  );
}

/** Scaled; in float16 what it is scaled by is left to the scores. */
const loadQuery = ({head, float16, matrices}: Variant): string =>
  float16
    ? /* wgsl */ `
    ${matrices ? '' : `var query : array<vec4h, ${head}>;`}
    var largestOfQuery = 0.0;
    for (var n = 0u; n < ${head}u; n++) {
      largestOfQuery = max(largestOfQuery, largest(takeQ(group * u.queries + i, n)));
    }
    let queryUnit = unitOf(largestOfQuery);
    for (var n = 0u; n < ${head}u; n++) {
      ${matrices ? queryOfMatrices(matrices, head) : 'query[n]'} = inUnits(takeQ(group * u.queries + i, n), queryUnit);
    }`
    : /* wgsl */ `
    var query : array<vec4f, ${head}>;
    for (var n = 0u; n < ${head}u; n++) { query[n] = takeQ(group * u.queries + i, n) * (u.scale * factor); }`;

function float16Tiles(variant: Variant): Float16Tile[] {
  const {head, value, matrices} = variant;
  const held = matrices ? wholeMatrices(head, matrices[2]) : head;
  return [
    {tile: 'keyTile', units: 'keyUnits', take: 'takeK', vectors: [held, head]},
    {
      ...{tile: 'valueTile', units: 'valueUnits', take: 'takeV', piece: 'piece'},
      vectors: [outputPieces(variant).vectors, value],
    },
  ];
}

const unitsOf = (units: string): string => four(c => `${units}[${c}]`);

/** The weights of the tile that begins at key j, as `weights`; with softmax the sum of the row and `fade`. */
function weights(variant: Variant, rows: number): string {
  const {head, squared, dropout, float16, matrices} = variant;
  return /* wgsl */ `
      var weights : array<vec4f, ${rows / 4}>;
      ${squared ? '' : 'var newTop = top;'}
      for (var c = 0u; c < ${rows}u; c += 4u) {
        ${matrices ? scoresOfMatrices(matrices) : products('scores', 'keyTile', head, 'query[i]')}
        ${float16 ? `scores *= queryUnit * ${unitsOf('keyUnits')} * (u.scale * factor);` : ''}
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
      ${float16 ? `for (var c = 0u; c < ${rows}u; c += 4u) { weights[c / 4u] *= ${unitsOf('valueUnits')}; }` : ''}`;
}

const addValues = (variant: Variant, rows: number): string =>
  accumulate(
    'output',
    'valueTile',
    rows,
    outputPieces(variant).vectors,
    'weights',
    variant.squared ? undefined : 'fade',
  );
