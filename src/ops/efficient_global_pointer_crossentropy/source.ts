/**
 * WGSL of the loss of spans whose scores are s_hij = scale · q_i · k_j + start_hi + end_hj. An invocation owns a row of
 * queries, or of keys, and goes over tiles of the others; a product serves all types, and scores never leave it. A bit
 * mask of 64 own rows and 256 others in workgroup memory (2 KiB) tells which cells are labels of any type; the lists
 * are searched for the types of those.
 *
 * - `partition`: of each type and block of 64 rows, maximum and sum of exponentials, of negative and positive cells.
 * - `starts`: of g_hij, the slopes by the scores, dq_i = scale · Σ_hj g_hij k_j and dstart_hi = Σ_j g_hij.
 * - `ends`: dk_j and dend_hj the same over i.
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
  writer,
} from '../../internal/webgpu_rows.js';
import {
  ADD_CELLS,
  BLOCK_PARTS,
  COLUMNS,
  joinBlock,
  MARKS,
  markLabels,
  possible,
  SLOPES,
  SPAN_UNIFORMS,
  type SpanVariant,
  spanTileRows,
  TILE_BITS,
  TOTAL,
} from '../../internal/webgpu_span_loss.js';
import type {LabelForm} from './name.js';

export type FactorisedStage = 'partition' | 'starts' | 'ends';

/** What the source depends on. */
export interface Variant extends SpanVariant {
  form: LabelForm;
}

/** Types whose sums an invocation of `partition` holds; with more of them the products are made again. */
export const TYPES = 16;

/** `Own` are the rows that invocations own: q for starts, k for ends. */
export const factorisedBindings = (task: FactorisedStage, {aligned, mask, form}: Variant): Binding[] => [
  rowBinding('Own', aligned),
  rowBinding('Others', aligned),
  {name: 'Bias', type: 'f32'},
  {name: 'Spans', type: form === 'dense' ? 'f32' : 'i32'},
  ...(mask ? [{name: 'Mask', type: mask}] : []),
  ...(task === 'partition'
    ? [{name: 'Blocks', type: 'vec4f', written: true} as const]
    : [
        {name: 'Slopes', type: 'f32'} as const,
        rowBinding('Result', aligned, true),
        {name: 'BiasResult', type: 'f32', written: true} as const,
      ]),
];

export function factorisedSource(task: FactorisedStage, variant: Variant): string {
  const {head, aligned, mask, trilMask, subgroups, form} = variant;
  const rows = spanTileRows(head);
  const byEnds = task === 'ends';
  const isForward = task === 'partition';
  const cell = (c: string) => (byEnds ? `other + ${c}, own` : `own, other + ${c}`);
  return shader(
    SPAN_UNIFORMS,
    factorisedBindings(task, variant),
    [
      TOTAL,
      reader('Own', head, aligned, 'u.width'),
      reader('Others', head, aligned, 'u.width'),
      `var<workgroup> tile : array<vec4f, ${rows * head}>;`,
      possible(mask !== undefined, trilMask),
      biasOf(byEnds),
      ...(form === 'dense' ? [] : [MARKS]),
      labelOf[form],
      ...(isForward ? [ADD_CELLS, ...BLOCK_PARTS] : [SLOPES, writer('Result', head, aligned, 'u.width')]),
    ],
    /* wgsl */ `
    let group = ${GROUP_INDEX};
    if (group >= u.groups) { return; }
    ${
      isForward
        ? `let parts = (u.heads + ${TYPES - 1}u) / ${TYPES}u;
           let sample = group / parts;
           let firstType = group % parts * ${TYPES}u;
           let endType = min(firstType + ${TYPES}u, u.heads);
           var sums = array<vec4f, ${TYPES}>();`
        : `let sample = group;
           var gradient : array<vec4f, ${head}>;`
    }
    let first = place.x * ${ROWS}u;
    let row = first + lane;
    let own = min(row, u.rows - 1u);
    var held : array<vec4f, ${head}>;
    for (var n = 0u; n < ${head}u; n++) { held[n] = readOwn(sample * u.rows + own, n) * u.scale; }
    let begin = ${trilMask && !byEnds ? 'first' : '0u'};
    let end = ${trilMask && byEnds ? `min(first + ${ROWS}u, u.rows)` : 'u.rows'};
    for (var other = begin; other < end; other += ${rows}u) {
      workgroupBarrier();
      ${stage('tile', 'readOthers', rows, [head, head], {base: 'sample * u.rows', from: 'other', end: 'end'})}
      ${form === 'dense' ? '' : `if (other == begin || other % ${COLUMNS}u == 0u) { ${mark[form](byEnds)} }`}
      workgroupBarrier();
      ${form === 'dense' ? '' : `let bits = ${TILE_BITS};`}
      var bases = array<vec4f, ${rows / 4}>();
      var seen = array<vec4f, ${rows / 4}>();
      ${isForward ? '' : `var weights = array<vec4f, ${rows / 4}>();`}
      for (var c = 0u; c < ${rows}u; c += 4u) {
        ${products('scores', 'tile', head, 'held[i]')}
        bases[c / 4u] = scores - u.threshold;
        seen[c / 4u] = ${four(c => `f32(isPossible(sample, ${cell(c)}))`)};
      }
      for (var head = ${isForward ? 'firstType; head < endType' : '0u; head < u.heads'}; head++) {
        let ownBias = ownBiasOf(sample, own, head);
        ${isForward ? 'var sum = sums[head - firstType];' : SLOPE_OF_TYPE}
        for (var c = 0u; c < ${rows}u; c += 4u) {
          let scores = bases[c / 4u] + ownBias + ${four(c => `otherBiasOf(sample, other + ${c}, head)`)};
          var label = vec4f(0.0);
          ${form === 'dense' ? '' : 'if (((bits >> c) & 15u) != 0u)'} {
            label = ${four(c => `labelOf(sample, head, ${cell(c)})`)};
          }
          let positive = seen[c / 4u] * label;
          let negative = seen[c / 4u] - positive;
          ${
            isForward
              ? 'sum = addCells(sum, scores, negative, positive);'
              : `let slope = slopes.x * slopesOf(scores, slopes.yz, negative, positive);
                 weights[c / 4u] += slope;
                 sum += slope;`
          }
        }
        ${isForward ? 'sums[head - firstType] = sum;' : addToBias(byEnds)}
      }
      ${isForward ? '' : accumulate('gradient', 'tile', rows, head, 'weights')}
    }
    ${isForward ? blockSums(subgroups) : result(variant)}`,
    {subgroups: isForward && subgroups},
  );
}

/** End scores are the even channels, start scores the odd ones. */
const biasOf = (byEnds: boolean): string =>
  [
    ['ownBiasOf', byEnds ? 0 : 1],
    ['otherBiasOf', byEnds ? 1 : 0],
  ]
    .map(
      ([name, side]) => /* wgsl */ `
  fn ${name}(sample : u32, token : u32, head : u32) -> f32 {
    return Bias[2u * ((sample * u.rows + token) * u.heads + head) + ${side}u];
  }`,
    )
    .join('\n');

const mark = {
  byType: (byEnds: boolean) =>
    markLabels('u.heads * u.slots', slot => `2u * (sample * u.heads * u.slots + ${slot})`, byEnds),
  list: (byEnds: boolean) => markLabels('u.slots', slot => `3u * (sample * u.slots + ${slot}) + 1u`, byEnds),
};

const labelOf: Record<LabelForm, string> = {
  byType: /* wgsl */ `
  fn labelOf(sample : u32, head : u32, i : u32, j : u32) -> f32 {
    for (var slot = 0u; slot < u.slots; slot++) {
      let at = 2u * ((sample * u.heads + head) * u.slots + slot);
      if (Spans[at] == i32(i) && Spans[at + 1u] == i32(j)) { return 1.0; }
    }
    return 0.0;
  }`,
  list: /* wgsl */ `
  fn labelOf(sample : u32, head : u32, i : u32, j : u32) -> f32 {
    for (var slot = 0u; slot < u.slots; slot++) {
      let at = 3u * (sample * u.slots + slot);
      if (Spans[at] == i32(head) && Spans[at + 1u] == i32(i) && Spans[at + 2u] == i32(j)) { return 1.0; }
    }
    return 0.0;
  }`,
  dense: /* wgsl */ `
  fn labelOf(sample : u32, head : u32, i : u32, j : u32) -> f32 {
    if (i >= u.rows || j >= u.rows) { return 0.0; }
    return clamp(Spans[((sample * u.heads + head) * u.rows + i) * u.rows + j], 0.0, 1.0);
  }`,
};

const SLOPE_OF_TYPE = /* wgsl */ `
  let ofType = 3u * (sample * u.heads + head);
  let slopes = vec3f(Slopes[ofType], Slopes[ofType + 1u], Slopes[ofType + 2u]);
  var sum = vec4f(0.0);`;

/** The invocation alone writes this number; what the buffer holds before is not read. */
const addToBias = (byEnds: boolean): string => /* wgsl */ `
  if (row < u.rows) {
    let at = 2u * ((sample * u.rows + row) * u.heads + head)${byEnds ? '' : ' + 1u'};
    var before = 0.0;
    if (other != begin) { before = BiasResult[at]; }
    BiasResult[at] = before + total(sum);
  }`;

const blockSums = (subgroups: boolean): string => /* wgsl */ `
  for (var n = 0u; n < endType - firstType; n++) {
    workgroupBarrier();
    ${joinBlock('sums[n]', subgroups)}
    if (lane == 0u) { Blocks[(sample * u.heads + firstType + n) * places.x + place.x] = block; }
  }`;

const result = ({head}: Variant): string => /* wgsl */ `
  if (row < u.rows) {
    for (var n = 0u; n < ${head}u; n++) { writeResult(sample * u.rows + row, n, gradient[n] * u.scale); }
  }`;
