/**
 * WGSL of the loss of spans. An invocation owns a row of queries, or of keys, and goes over tiles of the others; scores
 * never leave it. Which cells are labels is a bit mask of 64 own rows and 256 others in workgroup memory (2 KiB).
 *
 * - `partition`: of each block of 64 rows, maximum and sum of exponentials, of the negative and of the positive cells.
 * - `starts`: dq_i = dy · scale · Σ_j g_ij k_j, and `ends`: dk_j the same with q_i, where g = eˢ / Z₋ or −e⁻ˢ / Z₊.
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

import {placeOfRow, type TurnedRows, turnedBack, turnFunctions, turningReader} from '../rotary_embedding/on_load.js';
import type {RotaryLayout} from '../rotary_embedding/tables.js';

/** What the source depends on. */
export interface Variant extends SpanVariant {
  /** Of a rotation of the rows as they are loaded; gradients are rotated back. */
  layout?: RotaryLayout;
  /** Whether each sample has its own places in the rotation's table. */
  bySample: boolean;
}

export type SpanStage = 'partition' | 'starts' | 'ends';

/** `Own` are the rows that invocations own: q for starts, k for ends. */
export const spanBindings = (task: SpanStage, {aligned, mask, layout}: Variant): Binding[] => [
  rowBinding('Own', aligned),
  rowBinding('Others', aligned),
  {name: 'Spans', type: 'i32'},
  ...(mask ? [{name: 'Mask', type: mask}] : []),
  ...(layout ? [{name: 'Turns', type: 'f32'} as const] : []),
  ...(task === 'partition'
    ? [{name: 'Blocks', type: 'vec4f', written: true} as const]
    : [
        {name: 'Slope', type: 'f32'} as const,
        {name: 'Logs', type: 'f32'} as const,
        rowBinding('Result', aligned, true),
      ]),
];

export function spanSource(task: SpanStage, variant: Variant): string {
  const {head, aligned, mask, trilMask, subgroups, layout} = variant;
  const turned = turnedRows(variant);
  const readRows = (name: string) => (turned ? turningReader(name, turned) : reader(name, head, aligned, 'u.width'));
  const rows = spanTileRows(head);
  const byEnds = task === 'ends';
  const cell = (c: string) => (byEnds ? `sample, other + ${c}, own` : `sample, own, other + ${c}`);
  return shader(
    SPAN_UNIFORMS,
    spanBindings(task, variant),
    [
      TOTAL,
      layout ? turnFunctions(layout, 'Turns') : '',
      readRows('Own'),
      readRows('Others'),
      `var<workgroup> tile : array<vec4f, ${rows * head}>;`,
      MARKS,
      possible(mask !== undefined, trilMask),
      ...(task === 'partition' ? [ADD_CELLS, ...BLOCK_PARTS] : [SLOPES, writer('Result', head, aligned, 'u.width')]),
    ],
    /* wgsl */ `
    let group = ${GROUP_INDEX};
    if (group >= u.groups) { return; }
    let sample = group / u.heads;
    let first = place.x * ${ROWS}u;
    let row = first + lane;
    let own = min(row, u.rows - 1u);
    var held : array<vec4f, ${head}>;
    for (var n = 0u; n < ${head}u; n++) { held[n] = readOwn(group * u.rows + own, n) * u.scale; }
    ${
      task === 'partition'
        ? 'var sums = vec4f(0.0);'
        : `var gradient : array<vec4f, ${head}>; let logs = vec2f(Logs[2u * group], Logs[2u * group + 1u]);`
    }
    let begin = ${trilMask && !byEnds ? 'first' : '0u'};
    let end = ${trilMask && byEnds ? `min(first + ${ROWS}u, u.rows)` : 'u.rows'};
    for (var other = begin; other < end; other += ${rows}u) {
      workgroupBarrier();
      ${stage('tile', 'readOthers', rows, [head, head], {base: 'group * u.rows', from: 'other', end: 'end'})}
      if (other == begin || other % ${COLUMNS}u == 0u) {
        ${markLabels('u.slots', slot => `2u * (group * u.slots + ${slot})`, byEnds)}
      }
      workgroupBarrier();
      let bits = ${TILE_BITS};
      ${task === 'partition' ? '' : `var weights : array<vec4f, ${rows / 4}>;`}
      for (var c = 0u; c < ${rows}u; c += 4u) {
        ${products('scores', 'tile', head, 'held[i]')}
        scores -= u.threshold;
        let seen = ${four(c => `f32(isPossible(${cell(c)}))`)};
        let positive = seen * ${four(c => `f32((bits >> (${c})) & 1u)`)};
        ${
          task === 'partition'
            ? 'sums = addCells(sums, scores, seen - positive, positive);'
            : 'weights[c / 4u] = slopesOf(scores, logs, seen - positive, positive);'
        }
      }
      ${task === 'partition' ? '' : accumulate('gradient', 'tile', rows, head, 'weights')}
    }
    ${task === 'partition' ? blockSum(subgroups) : result(variant)}`,
    {subgroups: task === 'partition' && subgroups},
  );
}

const blockSum = (subgroups: boolean): string => /* wgsl */ `
  ${joinBlock('sums', subgroups)}
  if (lane == 0u) { Blocks[group * places.x + place.x] = block; }`;

function result(variant: Variant): string {
  const turned = turnedRows(variant);
  return /* wgsl */ `
  if (row < u.rows) {
    let slope = Slope[group] * u.scale;
    let at = group * u.rows + row;
    for (var i = 0u; i < ${variant.head}u; i++) {
      ${turned ? `let row = at; let turn = turnOf(${turned.place}, i);` : ''}
      writeResult(at, i, ${turned ? turnedBack('gradient', turned) : 'gradient[i]'} * slope);
    }
  }`;
}

const turnedRows = ({layout, bySample, head, aligned}: Variant): TurnedRows | undefined =>
  layout && {layout, place: placeOfRow('u.rows', 'u.heads', bySample), vectors: head, aligned};
