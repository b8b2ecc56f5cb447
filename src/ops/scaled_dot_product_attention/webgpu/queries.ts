/**
 * Gradients of queries, and of a float bias that differs between queries. An invocation owns a row of queries, holds
 * the query and its gradient, and goes over tiles of keys and values as the forward pass does; it computes the scores
 * again. Rows of values are held as well, or read in pieces where they are too wide.
 *
 * - `queries`: dq_i = ρ_i Σ_j dS_ij k_j.
 * - `biasRows`: Σ_j dS_ij · factor of a bias that is the same for all keys.
 * - `biasCells`: dS_ij · factor of 8 or 16 keys, summed over the samples and heads that share a bias.
 *
 * Needs 6 storage buffers, and one for each of bool and float bias.
 */

import {
  accumulate,
  type Binding,
  products,
  ROWS,
  reader,
  rowBinding,
  shader,
  stage,
  tileRows,
  writer,
} from '../../../internal/webgpu_rows.js';
import {turnsOfRows} from './rows.js';
import {slopeScoring, slopes, staging} from './slopes.js';
import {firstRow, GROUP, headTakers, valueTaker, whereSeen, writeHead} from './source.js';
import {UNIFORMS, type Variant} from './variant.js';

export type QueryStage = 'queries' | 'biasRows' | 'biasCells';

export const keysAtOnce = (variant: Variant): number => tileRows(variant.head + staging(variant).vectors);

export const queryBindings = (task: QueryStage, variant: Variant): Binding[] => [
  rowBinding('Q', variant.headAligned),
  rowBinding('K', variant.headAligned),
  rowBinding('V', variant.valueAligned),
  rowBinding('Slope', variant.valueAligned),
  {name: 'Rows', type: 'f32'},
  ...(variant.allowed ? [{name: 'Allowed', type: 'i32'} as const] : []),
  ...(variant.bias ? [{name: 'Bias', type: variant.bias}] : []),
  task === 'queries' ? rowBinding('Result', variant.headAligned, true) : {name: 'Result', type: 'f32', written: true},
];

export function querySource(task: QueryStage, variant: Variant): string {
  const {head, value, headAligned, valueAligned} = variant;
  const {wide, vectors} = staging(variant);
  const rows = keysAtOnce(variant);
  return shader(
    UNIFORMS,
    queryBindings(task, variant),
    [
      slopeScoring(variant),
      turnsOfRows(variant),
      headTakers(variant),
      valueTaker(variant),
      reader('Slope', value, valueAligned, 'u.valueWidth'),
      task === 'queries' ? writer('Result', head, headAligned, 'u.width') : '',
      `var<workgroup> keyTile : array<vec4f, ${rows * head}>;`,
      `var<workgroup> valueTile : array<vec4f, ${rows * vectors}>;`,
      `var<private> query : array<vec4f, ${head}>;`,
      wide ? '' : `var<private> slope : array<vec4f, ${vectors}>;`,
    ],
    task === 'biasCells' ? cells(variant, rows) : ofGroup(task, variant, rows),
  );
}

/** A row of one group, over all keys. */
const ofGroup = (task: QueryStage, variant: Variant, rows: number): string => /* wgsl */ `
  ${GROUP}
  let first = ${firstRow(variant, 'place.x')};
  let row = first + lane;
  let i = min(row, u.queries - 1u);
  ${loadRow(variant)}
  ${task === 'queries' ? `var gradient : array<vec4f, ${variant.head}>;` : 'var gradient = 0.0;'}
  let end = limitOf(min(first + ${ROWS - 1}u, u.queries - 1u));
  for (var j = 0u; j < end; j += ${rows}u) {
    var all : array<vec4f, ${rows / 4}>;
    ${tile(variant, rows)}
    ${whereSeen(
      variant,
      'j < limit',
      task === 'queries'
        ? accumulate('gradient', 'keyTile', rows, variant.head, 'all')
        : `for (var c = 0u; c < ${rows / 4}u; c++) { gradient += total(all[c]); }`,
    )}
  }
  if (row < u.queries) {
    ${
      task === 'queries'
        ? writeHead('Result', 'u.queries', 'row', 'gradient', variant, ' * numbers.x')
        : 'Result[group * u.queries + row] = gradient * numbers.w;'
    }
  }`;

/** A few keys of a row, over the groups that share their bias. */
const cells = (variant: Variant, rows: number): string => /* wgsl */ `
  let batches = select(u.batch, 1u, u.biasBatch == 0u);
  let heads = select(u.heads, 1u, u.biasHead == 0u);
  let own = place.z * places.y + place.y;
  if (own >= batches * heads) { return; }
  let tiles = (u.keys + ${rows - 1}u) / ${rows}u;
  let j = place.x % tiles * ${rows}u;
  let end = u.keys;
  let row = place.x / tiles * ${ROWS}u + lane;
  let i = min(row, u.queries - 1u);
  var gradient : array<vec4f, ${rows / 4}>;
  for (var sample = 0u; sample < u.batch / batches; sample++) {
    for (var headOf = 0u; headOf < u.heads / heads; headOf++) {
      let b = own / heads + sample;
      let h = own % heads + headOf;
      let group = b * u.heads + h;
      ${loadRow(variant)}
      var all = array<vec4f, ${rows / 4}>();
      ${tile(variant, rows)}
      for (var c = 0u; c < ${rows / 4}u; c++) { gradient[c] += all[c] * numbers.w; }
    }
  }
  if (row < u.queries) {
    for (var c = 0u; c < ${rows}u; c++) {
      if (j + c < u.keys) { Result[(own * u.queries + row) * u.keys + j + c] = gradient[c / 4u][c % 4u]; }
    }
  }`;

const loadRow = (variant: Variant): string => /* wgsl */ `
  let limit = limitOf(i);
  let numbers = rowAt(group * u.queries + i);
  for (var n = 0u; n < ${variant.head}u; n++) { query[n] = takeQ(group * u.queries + i, n) * numbers.x; }
  ${
    staging(variant).wide
      ? ''
      : `for (var n = 0u; n < ${variant.value}u; n++) { slope[n] = readSlope(group * u.queries + i, n); }`
  }`;

/** The gradients of the scores of the tile that begins at key j, in `all`. */
function tile(variant: Variant, rows: number): string {
  const {head, value} = variant;
  const {wide, pieces, vectors} = staging(variant);
  const at = {base: 'group * u.keys', from: 'j', end: 'end'};
  const element = wide
    ? `select(vec4f(0.0), readSlope(group * u.queries + i_, piece * ${vectors}u + i), piece * ${vectors}u + i < ${value}u)`
    : 'slope[i]';
  return /* wgsl */ `
    {
      let i_ = i;
      // without a value, a variable of a loop keeps that of the turn before on some drivers
      var products = array<vec4f, ${rows / 4}>();
      for (var piece = 0u; piece < ${pieces}u; piece++) {
        workgroupBarrier();
        if (piece == 0u) { ${stage('keyTile', 'takeK', rows, [head, head], at)} }
        ${stage('valueTile', 'takeV', rows, [vectors, value], {...at, piece: 'piece'})}
        workgroupBarrier();
        ${whereSeen(
          variant,
          'j < limit',
          /* wgsl */ `
        for (var c = 0u; c < ${rows}u; c += 4u) {
          ${products('part', 'valueTile', vectors, element)}
          products[c / 4u] += part;
        }`,
        )}
      }
      ${whereSeen(
        variant,
        'j < limit',
        /* wgsl */ `
      for (var c = 0u; c < ${rows}u; c += 4u) {
        ${products('scores', 'keyTile', head, 'query[i]')}
        let dWeights = products[c / 4u];
        ${slopes(variant, {i: () => 'i_', j: c => `j + ${c}`, of: component => `numbers.${'xyzw'[component]}`})}
        all[c / 4u] = slopes;
      }`,
      )}
    }`;
}
