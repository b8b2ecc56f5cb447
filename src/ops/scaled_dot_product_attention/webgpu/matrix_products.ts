/**
 * WGSL of the forward pass by subgroup matrices, in float16 with sums in float32. A workgroup makes the scores of its
 * 64 rows with a tile of keys, by blocks of m rows for each subgroup; each invocation turns the scores of its row into
 * weights; the workgroup multiplies them by the values, a few channels at a time, and each invocation adds its row.
 *
 * A weight is the sum of two float16 numbers, so that the output has the digits that float32 gives it; the first is
 * rounded in float32, as some drivers leave out a way to float16 and back.
 *
 * Workgroup memory: queries, keys, values, scores and weights; `matrixPlanOf` finds what fits.
 */
import type {MatrixShape} from '../../../internal/webgpu_features.js';
import {ROWS} from '../../../internal/webgpu_rows.js';

/** Sides of a product `[m, k] · [k, n]`, and keys of a tile. */
export type MatrixPlan = readonly [m: number, n: number, k: number, rows: number];

/** Vectors of four up to the end of a matrix of so many channels. */
export const wholeMatrices = (vectors: number, side: number): number => (Math.ceil((4 * vectors) / side) * side) / 4;

/** With the longest tile that fits, for rows of `head` and `value` vectors; `undefined` where none does. */
export function matrixPlanOf(
  {m, n, k}: MatrixShape,
  head: number,
  value: number,
  bytes: number,
): MatrixPlan | undefined {
  const depth = wholeMatrices(head, k);
  const rows = [32, 16].find(rows => {
    const tiles = (ROWS + rows) * depth + rows * wholeMatrices(Math.min(value, 64), rows);
    return 8 * tiles + (4 + 2 + 2) * ROWS * rows + 8 * rows <= bytes;
  });
  return rows === undefined ? undefined : [m, n, k, rows];
}

export const declareMatrices = ([, , k, rows]: MatrixPlan, head: number): string => /* wgsl */ `
  var<workgroup> queryTile : array<vec4h, ${ROWS * wholeMatrices(head, k)}>;
  var<workgroup> scratch : array<vec4f, ${(ROWS * rows) / 4}>;
  var<workgroup> highWeights : array<vec4h, ${(ROWS * rows) / 4}>;
  var<workgroup> lowWeights : array<vec4h, ${(ROWS * rows) / 4}>;`;

/** Where vector n of the invocation's query goes; what lies behind the last is 0 from the start. */
export const queryOfMatrices = ([, , k]: MatrixPlan, head: number): string =>
  `queryTile[lane * ${wholeMatrices(head, k)}u + n]`;

/** The scores of all rows with the tile, before their units and their scale. */
export function scoresByMatrices(plan: MatrixPlan, head: number): string {
  const [, , k] = plan;
  const depth = wholeMatrices(head, k);
  return /* wgsl */ `
    ${byBlocks(
      plan,
      (4 * depth) / k,
      /* wgsl */ `
        let queries = ${load(plan, 'left', 'queryTile', 'row_major', `block_ * ${plan[0] * depth}u + step * ${k / 4}u`, depth)};
        let keys = ${load(plan, 'right', 'keyTile', 'col_major', `column * ${plan[1] * depth}u + step * ${k / 4}u`, depth)};
        product = subgroupMatrixMultiplyAccumulate(queries, keys, product);`,
    )}
    workgroupBarrier();`;
}

/** Declares `scores`, those of the invocation's row with the keys c to c + 3 of the tile. */
export const scoresOfMatrices = ([, , , rows]: MatrixPlan): string =>
  `var scores = scratch[lane * ${rows / 4}u + c / 4u];`;

/** Adds `weights` times the values of the tile to `output`, which `fade` multiplies first. */
export function sumByMatrices(plan: MatrixPlan, vectors: number, fades: boolean): string {
  const [m, , k, rows] = plan;
  const own = rows / 4;
  const weightsAt = `block_ * ${m * own}u + step * ${k / 4}u`;
  const valuesAt = `step * ${k * vectors}u + part * ${own}u + column * ${plan[1] / 4}u`;
  return /* wgsl */ `
    var largestWeight = 0.0;
    for (var c = 0u; c < ${own}u; c++) { largestWeight = max(largestWeight, largest(weights[c])); }
    let weightUnit = unitOf(largestWeight);
    for (var c = 0u; c < ${own}u; c++) {
      let weight = weights[c] * perUnit(weightUnit);
      let high = rounded(weight);
      highWeights[lane * ${own}u + c] = vec4h(high);
      lowWeights[lane * ${own}u + c] = vec4h(weight - high);
    }
    ${fades ? `for (var n = 0u; n < ${vectors}u; n++) { output[n] *= fade; }` : ''}
    workgroupBarrier();
    for (var part = 0u; part < ${vectors / own}u; part++) {
      ${byBlocks(
        plan,
        rows / k,
        /* wgsl */ `
        let values = ${load(plan, 'right', 'valueTile', 'row_major', valuesAt, vectors)};
        let low = ${load(plan, 'left', 'lowWeights', 'row_major', weightsAt, own)};
        product = subgroupMatrixMultiplyAccumulate(low, values, product);
        let high = ${load(plan, 'left', 'highWeights', 'row_major', weightsAt, own)};
        product = subgroupMatrixMultiplyAccumulate(high, values, product);`,
      )}
      workgroupBarrier();
      for (var n = 0u; n < ${own}u; n++) { output[part * ${own}u + n] += weightUnit * scratch[lane * ${own}u + n]; }
      workgroupBarrier();
    }`;
}

/** Products of all rows with as many columns as the tile has keys, into `scratch`. Offsets and strides are vectors. */
const byBlocks = ([m, n, , rows]: MatrixPlan, steps: number, add: string): string => /* wgsl */ `
    for (var block_ = subgroup; block_ < ${ROWS / m}u; block_ += subgroup_count) {
      for (var column = 0u; column < ${rows / n}u; column++) {
        var product = subgroup_matrix_result<f32, ${n}, ${m}>(0.0);
        for (var step = 0u; step < ${steps}u; step++) {
          ${add}
        }
        subgroupMatrixStore<row_major>(&scratch, block_ * ${(m * rows) / 4}u + column * ${n / 4}u, product, ${rows / 4}u);
      }
    }`;

function load([m, n, k]: MatrixPlan, side: 'left' | 'right', tile: string, major: string, at: string, stride: number) {
  const type = `subgroup_matrix_${side}<f16, ${side === 'left' ? `${k}, ${m}` : `${n}, ${k}`}>`;
  return `subgroupMatrixLoad<${type}, ${major}>(&${tile}, ${at}, ${stride}u)`;
}
