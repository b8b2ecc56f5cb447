/**
 * Outputs of the causal product. An invocation owns a row: it holds the features of its query and up to 256 channels of
 * the output, reads the sums of the chunks that it sees whole, and goes over the rows of its own chunk as attention
 * does, but with products for weights. Tiles of 8 or 16 rows are shared by its workgroup (16 KiB at most).
 *
 * Needs 5 storage buffers.
 */
import {
  accumulate,
  type Binding,
  four,
  GROUP_INDEX,
  products,
  ROWS,
  reader,
  rowBinding,
  shader,
  stage,
  tileRows,
  writer,
} from '../../../internal/webgpu_rows.js';
import {pieceOf, UNIFORMS, type Variant} from './variant.js';

export const outputsBindings = ({featuresAligned, valuesAligned, alone}: Variant): Binding[] => [
  rowBinding('Q', featuresAligned),
  rowBinding('K', featuresAligned),
  rowBinding('V', valuesAligned),
  ...(alone ? [] : [{name: 'Sums', type: 'vec4f'} as const]),
  rowBinding('Output', valuesAligned, true),
];

/** Workgroups for each group. */
export const outputsTiles = (variant: Variant, rows: number): number =>
  Math.ceil(rows / ROWS) * pieceOf(variant).pieces;

export function outputsSource(variant: Variant): string {
  const {features, values, featuresAligned, valuesAligned, reverse, alone} = variant;
  const {pieces, vectors} = pieceOf(variant);
  const rows = tileRows(features + vectors);
  const at = {base: 'group * u.rows', from: 'j', end: 'end'};
  return shader(
    UNIFORMS,
    outputsBindings(variant),
    [
      'fn total(x : vec4f) -> f32 { return x.x + x.y + x.z + x.w; }',
      reader('Q', features, featuresAligned, 'u.features'),
      reader('K', features, featuresAligned, 'u.features'),
      reader('V', values, valuesAligned, 'u.values'),
      alone ? '' : reader('Sums', values, true, ''),
      writer('Output', values, valuesAligned, 'u.values'),
      `var<workgroup> keyTile : array<vec4f, ${rows * features}>;`,
      `var<workgroup> valueTile : array<vec4f, ${rows * vectors}>;`,
    ],
    /* wgsl */ `
    let group = ${GROUP_INDEX};
    if (group >= u.groups) { return; }
    let piece = place.x % ${pieces}u;
    let first = place.x / ${pieces}u * ${ROWS}u;
    let chunk = first / u.chunk;
    let row = first + lane;
    let i = min(row, u.rows - 1u);
    var query : array<vec4f, ${features}>;
    for (var n = 0u; n < ${features}u; n++) { query[n] = readQ(group * u.rows + i, n); }
    var output : array<vec4f, ${vectors}>;
    var weights : array<vec4f, ${rows / 4}>;
    ${alone ? '' : outside(variant, rows, vectors)}
    let begin = ${reverse ? 'first' : 'chunk * u.chunk'};
    let end = min(${reverse ? '(chunk + 1u) * u.chunk' : `first + ${ROWS}u`}, u.rows);
    for (var j = begin; j < end; j += ${rows}u) {
      workgroupBarrier();
      ${stage('keyTile', 'readK', rows, [features, features], at)}
      ${stage('valueTile', 'readV', rows, [vectors, values], {...at, piece: 'piece'})}
      workgroupBarrier();
      for (var c = 0u; c < ${rows}u; c += 4u) {
        ${products('scores', 'keyTile', features, 'query[i]')}
        weights[c / 4u] = select(vec4f(0.0), scores, ${four(c => `j + ${c} ${reverse ? '>=' : '<='} i`)});
      }
      ${accumulate('output', 'valueTile', rows, vectors, 'weights')}
    }
    if (row < u.rows) {
      for (var n = 0u; n < ${vectors}u; n++) {
        let at = piece * ${vectors}u + n;
        if (at < ${values}u) { writeOutput(group * u.rows + row, at, output[n]); }
      }
    }`,
  );
}

/** What a row reads from the chunks that it sees whole: q is the weights, the sums are the rows. */
const outside = ({features, values}: Variant, rows: number, vectors: number): string => /* wgsl */ `
  for (var m = 0u; m < u.features; m += ${rows}u) {
    workgroupBarrier();
    ${stage('valueTile', 'readSums', rows, [vectors, values], {
      ...{base: '(group * u.chunks + chunk) * u.features', from: 'm', end: 'u.features', piece: 'piece'},
    })}
    workgroupBarrier();
    for (var c = 0u; c < ${rows / 4}u; c++) { weights[c] = query[min(m / 4u + c, ${features - 1}u)]; }
    ${accumulate('output', 'valueTile', rows, vectors, 'weights')}
  }`;
