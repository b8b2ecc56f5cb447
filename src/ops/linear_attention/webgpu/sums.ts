/**
 * Sums over keys, `Σ_j k_j v_jᵀ`. They lie as `[G, N, M, V]` vectors, whole vectors whatever the number of channels.
 *
 * - `chunkSums`: an invocation owns a feature and up to 256 channels, and adds up the rows of one chunk.
 * - `runningSums`: an invocation owns a vector of the sums and replaces each chunk by the sum of those before it, or
 *   behind it; it adds in blocks of 32, so that the error grows with the root of their number.
 * - `totalSums`: the same for the sum of all.
 *
 * Each reads its inputs once. Need 3 storage buffers.
 */
import {
  accumulate,
  type Binding,
  GROUP_INDEX,
  INVOCATION,
  ROWS,
  reader,
  rowBinding,
  shader,
  stage,
  tileRows,
  writer,
} from '../../../internal/webgpu_rows.js';
import {pieceOf, UNIFORMS, type Variant} from './variant.js';

export const chunkSumsBindings = ({valuesAligned}: Variant): Binding[] => [
  {name: 'K', type: 'f32'},
  rowBinding('V', valuesAligned),
  {name: 'Sums', type: 'vec4f', written: true},
];

/** Workgroups for each group. */
export function chunkSumsTiles(variant: Variant, features: number, chunks: number): number {
  return chunks * pieceOf(variant).pieces * Math.ceil(features / ROWS);
}

export function chunkSumsSource(variant: Variant): string {
  const {values, valuesAligned} = variant;
  const {pieces, vectors} = pieceOf(variant);
  const rows = tileRows(vectors);
  const weights = Array.from(
    {length: rows},
    (_, c) =>
      `select(0.0, K[(group * u.rows + row + ${c}u) * u.features + min(m, u.features - 1u)], row + ${c}u < end)`,
  );
  const quads = Array.from({length: rows / 4}, (_, c) => `vec4f(${weights.slice(4 * c, 4 * c + 4).join(', ')})`);
  return shader(
    UNIFORMS,
    chunkSumsBindings(variant),
    [reader('V', values, valuesAligned, 'u.values'), `var<workgroup> valueTile : array<vec4f, ${rows * vectors}>;`],
    /* wgsl */ `
    let group = ${GROUP_INDEX};
    if (group >= u.groups) { return; }
    let piece = place.x % ${pieces}u;
    let blocks = (u.features + ${ROWS - 1}u) / ${ROWS}u;
    let m = place.x / ${pieces}u % blocks * ${ROWS}u + lane;
    let chunk = place.x / ${pieces}u / blocks;
    let end = min((chunk + 1u) * u.chunk, u.rows);
    var sums : array<vec4f, ${vectors}>;
    for (var row = chunk * u.chunk; row < end; row += ${rows}u) {
      workgroupBarrier();
      ${stage('valueTile', 'readV', rows, [vectors, values], {base: 'group * u.rows', from: 'row', end: 'end', piece: 'piece'})}
      workgroupBarrier();
      let weights = array<vec4f, ${rows / 4}>(${quads.join(',\n')});
      ${accumulate('sums', 'valueTile', rows, vectors, 'weights')}
    }
    if (m < u.features) {
      for (var n = 0u; n < ${vectors}u; n++) {
        let at = piece * ${vectors}u + n;
        if (at < ${values}u) { Sums[((group * u.chunks + chunk) * u.features + m) * ${values}u + at] = sums[n]; }
      }
    }`,
  );
}

/** Chunks whose sum is added to that of the others in one go. */
const BLOCK = 32;

export const RUNNING_SUMS_BINDINGS: Binding[] = [{name: 'Sums', type: 'vec4f', written: true}];

export const runningSumsSource = ({values, reverse}: Variant): string =>
  shader(
    UNIFORMS,
    RUNNING_SUMS_BINDINGS,
    [],
    /* wgsl */ `
    let at = ${INVOCATION};
    let size = u.features * ${values}u;
    if (at >= u.groups * size) { return; }
    var before = vec4f(0.0);
    var block = vec4f(0.0);
    for (var n = 0u; n < u.chunks; n++) {
      let chunk = ${reverse ? 'u.chunks - 1u - n' : 'n'};
      let own = (at / size * u.chunks + chunk) * size + at % size;
      let sum = Sums[own];
      Sums[own] = before + block;
      block += sum;
      if (n % ${BLOCK}u == ${BLOCK - 1}u) { before += block; block = vec4f(0.0); }
    }`,
  );

export const totalSumsBindings = ({valuesAligned}: Variant): Binding[] => [
  {name: 'Sums', type: 'vec4f'},
  rowBinding('Total', valuesAligned, true),
];

export const totalSumsSource = (variant: Variant): string =>
  shader(
    UNIFORMS,
    totalSumsBindings(variant),
    [writer('Total', variant.values, variant.valuesAligned, 'u.values')],
    /* wgsl */ `
    let at = ${INVOCATION};
    let size = u.features * ${variant.values}u;
    if (at >= u.groups * size) { return; }
    var before = vec4f(0.0);
    var block = vec4f(0.0);
    for (var chunk = 0u; chunk < u.chunks; chunk++) {
      block += Sums[(at / size * u.chunks + chunk) * size + at % size];
      if (chunk % ${BLOCK}u == ${BLOCK - 1}u) { before += block; block = vec4f(0.0); }
    }
    writeTotal(at / ${variant.values}u, at % ${variant.values}u, before + block);`,
  );
