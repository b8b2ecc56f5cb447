/**
 * Gradients of keys and values, and of a float bias that is the same for all queries. An invocation owns a key and
 * goes over tiles of queries and output gradients, so that nothing has to be added across invocations.
 *
 * - `keysAndValues`: dk_j = Σ_i ρ_i dS_ij q_i and dv_j = Σ_i A_ij D_ij dO_i.
 * - `keys` and `values`: one of them, where both would need too many storage buffers or hold too many channels; wide
 *   values in pieces.
 * - `biasColumns`: Σ_i dS_ij · factor.
 *
 * Needs 6 storage buffers (7 for both), and one for each of bool and float bias.
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
import {turnsOfRows} from './rows.js';
import {isWide, slopeScoring, slopes, staging} from './slopes.js';
import {GROUP, headTakers, valueTaker, whereSeen, writeHead} from './source.js';
import {UNIFORMS, type Variant} from './variant.js';

export type KeyStage = 'keysAndValues' | 'keys' | 'values' | 'biasColumns';

/** The stages that give dk and dv. */
export const keyStages = (variant: Variant): KeyStage[] =>
  isWide(variant) || (variant.allowed && variant.bias !== undefined) ? ['keys', 'values'] : ['keysAndValues'];

const makesValues = (task: KeyStage): boolean => task === 'keysAndValues' || task === 'values';
const makesKeys = (task: KeyStage): boolean => task === 'keysAndValues' || task === 'keys';

export const keyBindings = (task: KeyStage, variant: Variant): Binding[] => [
  rowBinding('Q', variant.headAligned),
  rowBinding('K', variant.headAligned),
  ...(task === 'values' ? [] : [rowBinding('V', variant.valueAligned)]),
  rowBinding('Slope', variant.valueAligned),
  {name: 'Rows', type: 'f32'},
  ...(variant.allowed ? [{name: 'Allowed', type: 'i32'} as const] : []),
  ...(variant.bias ? [{name: 'Bias', type: variant.bias}] : []),
  ...(makesKeys(task) ? [rowBinding('KeyGradient', variant.headAligned, true)] : []),
  ...(makesValues(task) ? [rowBinding('ValueGradient', variant.valueAligned, true)] : []),
  ...(task === 'biasColumns' ? [{name: 'Result', type: 'f32', written: true} as const] : []),
];

/** Workgroups for each tile of keys. */
export const keyPieces = (task: KeyStage, variant: Variant): number =>
  task === 'values' ? staging(variant).pieces : 1;

export function keySource(task: KeyStage, variant: Variant): string {
  const {head, value, headAligned, valueAligned} = variant;
  const {wide, vectors} = staging(variant);
  const [needsValues, givesKeys, givesValues] = [task !== 'values', makesKeys(task), makesValues(task)];
  const rows = tileRows(head + vectors + 1);
  return shader(
    UNIFORMS,
    keyBindings(task, variant),
    [
      slopeScoring(variant),
      turnsOfRows(variant),
      headTakers(variant),
      needsValues ? valueTaker(variant) : '',
      reader('Slope', value, valueAligned, 'u.valueWidth'),
      givesKeys ? writer('KeyGradient', head, headAligned, 'u.width') : '',
      givesValues ? writer('ValueGradient', value, valueAligned, 'u.valueWidth') : '',
      `var<workgroup> queryTile : array<vec4f, ${rows * head}>;`,
      `var<workgroup> slopeTile : array<vec4f, ${rows * vectors}>;`,
      `var<workgroup> rowTile : array<vec4f, ${rows}>;`,
    ],
    /* wgsl */ `
    ${GROUP}
    let own = place.x % ${keyPieces(task, variant)}u;
    let first = place.x / ${keyPieces(task, variant)}u * ${ROWS}u;
    let column = first + lane;
    let j = min(column, u.keys - 1u);
    var key : array<vec4f, ${head}>;
    for (var n = 0u; n < ${head}u; n++) { key[n] = takeK(group * u.keys + j, n); }
    ${
      needsValues && !wide
        ? `var held : array<vec4f, ${vectors}>;
           for (var n = 0u; n < ${vectors}u; n++) { held[n] = takeV(group * u.keys + j, n); }`
        : ''
    }
    ${givesKeys ? `var keyGradient : array<vec4f, ${head}>;` : ''}
    ${givesValues ? `var valueGradient : array<vec4f, ${vectors}>;` : ''}
    ${task === 'biasColumns' ? 'var biasGradient = 0.0;' : ''}
    let begin = ${variant.causal ? `u32(max(i32(first + u.queries) - i32(u.keys), 0)) / ${rows}u * ${rows}u` : '0u'};
    for (var row = begin; row < u.queries; row += ${rows}u) {
      ${tile(task, variant, rows)}
    }
    if (column < u.keys) {
      ${givesKeys ? writeHead('KeyGradient', 'u.keys', 'column', 'keyGradient', variant) : ''}
      ${
        givesValues
          ? `for (var n = 0u; n < ${vectors}u; n++) {
               let at = own * ${vectors}u + n;
               if (at < ${value}u) { writeValueGradient(group * u.keys + column, at, valueGradient[n]); }
             }`
          : ''
      }
      ${task === 'biasColumns' ? 'Result[group * u.keys + column] = biasGradient;' : ''}
    }`,
  );
}

function tile(task: KeyStage, variant: Variant, rows: number): string {
  const {head, value} = variant;
  const {wide, pieces, vectors} = staging(variant);
  const at = {base: 'group * u.queries', from: 'row', end: 'u.queries'};
  const alone = task === 'values';
  const element = wide
    ? `select(vec4f(0.0), takeV(group * u.keys + j, piece * ${vectors}u + i), piece * ${vectors}u + i < ${value}u)`
    : 'held[i]';
  const seen = `j + u.queries < row + ${rows}u + u.keys`;
  return /* wgsl */ `
    ${alone ? '' : `var products = array<vec4f, ${rows / 4}>();`}
    for (var piece = ${alone ? 'own' : '0u'}; piece < ${alone ? 'own + 1u' : `${pieces}u`}; piece++) {
      workgroupBarrier();
      if (piece == ${alone ? 'own' : '0u'}) {
        ${stage('queryTile', 'takeQ', rows, [head, head], at)}
        if (lane < ${rows}u) { rowTile[lane] = rowAt(group * u.queries + min(row + lane, u.queries - 1u)); }
      }
      ${stage('slopeTile', 'readSlope', rows, [vectors, value], {...at, piece: 'piece'})}
      workgroupBarrier();
      ${
        alone
          ? ''
          : whereSeen(
              variant,
              seen,
              /* wgsl */ `
      for (var c = 0u; c < ${rows}u; c += 4u) {
        ${products('part', 'slopeTile', vectors, element)}
        products[c / 4u] += part;
      }`,
            )
      }
    }
    ${whereSeen(variant, seen, sums(task, variant, rows))}`;
}

/** Adds the tile to the gradients, from its scores and `products`. */
function sums(task: KeyStage, variant: Variant, rows: number): string {
  const {head, dropout} = variant;
  const {vectors} = staging(variant);
  const numbers = (component: number): string => four(c => `rowTile[${c}].${'xyzw'[component]}`);
  return /* wgsl */ `
    var all : array<vec4f, ${rows / 4}>;
    var taken : array<vec4f, ${rows / 4}>;
    for (var c = 0u; c < ${rows}u; c += 4u) {
      ${products('scores', 'queryTile', head, 'key[i]')}
      let rho = ${numbers(0)};
      let norm = ${numbers(1)};
      let product = ${numbers(2)};
      let factor = ${numbers(3)};
      scores *= rho;
      let dWeights = ${task === 'values' ? 'vec4f(0.0)' : 'products[c / 4u]'};
      ${slopes(variant, {
        i: c => `min(row + ${c}, u.queries - 1u)`,
        j: () => 'j',
        of: component => ['rho', 'norm', 'product', 'factor'][component],
      })}
      let inside = ${four(c => `row + ${c} < u.queries`)};
      all[c / 4u] = select(vec4f(0.0), slopes * ${task === 'biasColumns' ? 'factor' : 'rho'}, inside);
      taken[c / 4u] = select(vec4f(0.0), weights${dropout ? ' * kept' : ''}, inside);
    }
    ${makesKeys(task) ? accumulate('keyGradient', 'queryTile', rows, head, 'all') : ''}
    ${makesValues(task) ? accumulate('valueGradient', 'slopeTile', rows, vectors, 'taken') : ''}
    ${task === 'biasColumns' ? `for (var c = 0u; c < ${rows / 4}u; c++) { biasGradient += total(all[c]); }` : ''}`;
}
