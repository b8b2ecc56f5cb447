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

export type SpanStage = 'partition' | 'starts' | 'ends';

/** What the source depends on. */
export interface Variant {
  /** Vectors of four channels in a row; the last may be partly filled. */
  head: number;
  aligned: boolean;
  /** Type of the mask's numbers. */
  mask?: 'i32' | 'f32';
  trilMask: boolean;
}

export const UNIFORMS = /* wgsl */ `
  struct Uniforms {
    heads : u32, groups : u32, rows : u32, width : u32, slots : u32, skipsFirst : u32, scale : f32, threshold : f32,
  };`;

/** Columns of the bit mask, and words of a row of it. */
const COLUMNS = 256;
const WORDS = COLUMNS / 32;

const tileRows = (head: number): number => (head <= 48 ? 16 : 8); // beside the bit mask and the blocks' sums

/** `Own` are the rows that invocations own: q for starts, k for ends. */
export const spanBindings = (task: SpanStage, {aligned, mask}: Variant): Binding[] => [
  rowBinding('Own', aligned),
  rowBinding('Others', aligned),
  {name: 'Spans', type: 'i32'},
  ...(mask ? [{name: 'Mask', type: mask}] : []),
  ...(task === 'partition'
    ? [{name: 'Blocks', type: 'vec4f', written: true} as const]
    : [
        {name: 'Slope', type: 'f32'} as const,
        {name: 'Logs', type: 'f32'} as const,
        rowBinding('Result', aligned, true),
      ]),
];

/** A pair is (maximum, sum of exp(x − maximum)); a quadruple is such a pair for both sides. */
const JOIN = /* wgsl */ `
  fn join(a : vec4f, b : vec4f) -> vec4f {
    let top = max(a.xz, b.xz);
    let sum = a.yw * exp(a.xz - top) + b.yw * exp(b.xz - top);
    return vec4f(top.x, sum.x, top.y, sum.y);
  }`;

export function spanSource(task: SpanStage, variant: Variant): string {
  const {head, aligned, trilMask} = variant;
  const rows = tileRows(head);
  const byEnds = task === 'ends';
  return shader(
    UNIFORMS,
    spanBindings(task, variant),
    [
      'fn total(x : vec4f) -> f32 { return x.x + x.y + x.z + x.w; }',
      reader('Own', head, aligned, 'u.width'),
      reader('Others', head, aligned, 'u.width'),
      task === 'partition' ? JOIN : writer('Result', head, aligned, 'u.width'),
      `var<workgroup> tile : array<vec4f, ${rows * head}>;`,
      `var<workgroup> marks : array<atomic<u32>, ${ROWS * WORDS}>;`,
      task === 'partition' ? `var<workgroup> joined : array<vec4f, ${ROWS}>;` : '',
      possible(variant),
    ],
    /* wgsl */ `
    let group = ${GROUP_INDEX};
    if (group >= u.groups) { return; }
    let first = place.x * ${ROWS}u;
    let row = first + lane;
    let own = min(row, u.rows - 1u);
    var held : array<vec4f, ${head}>;
    for (var n = 0u; n < ${head}u; n++) { held[n] = readOwn(group * u.rows + own, n) * u.scale; }
    ${
      task === 'partition'
        ? 'var negative = vec2f(0.0); var positive = vec2f(0.0);'
        : `var gradient : array<vec4f, ${head}>; let logs = vec2f(Logs[2u * group], Logs[2u * group + 1u]);`
    }
    let begin = ${trilMask && !byEnds ? 'first' : '0u'};
    let end = ${trilMask && byEnds ? `min(first + ${ROWS}u, u.rows)` : 'u.rows'};
    for (var other = begin; other < end; other += ${rows}u) {
      workgroupBarrier();
      ${stage('tile', 'readOthers', rows, [head, head], {base: 'group * u.rows', from: 'other', end: 'end'})}
      if (other == begin || other % ${COLUMNS}u == 0u) { ${markLabels(byEnds)} }
      workgroupBarrier();
      let word = other % ${COLUMNS}u / 32u;
      let bits = atomicLoad(&marks[lane * ${WORDS}u + word]) >> (other % 32u);
      ${task === 'partition' ? '' : `var weights : array<vec4f, ${rows / 4}>;`}
      for (var c = 0u; c < ${rows}u; c += 4u) {
        ${products('scores', 'tile', head, 'held[i]')}
        scores -= u.threshold;
        let seen = ${four(c => (byEnds ? `isPossible(group, other + ${c}, own)` : `isPossible(group, own, other + ${c})`))};
        let marked = ${four(c => `((bits >> (${c})) & 1u) == 1u`)};
        let isNegative = seen & !marked;
        let isPositive = seen & marked;
        ${task === 'partition' ? PARTITION : slopes}
      }
      ${task === 'partition' ? '' : accumulate('gradient', 'tile', rows, head, 'weights')}
    }
    ${task === 'partition' ? BLOCK_SUM : result(variant)}`,
  );
}

const possible = ({mask, trilMask}: Variant): string => /* wgsl */ `
  fn isPossible(group : u32, i : u32, j : u32) -> bool {
    let inside = i < u.rows && j < u.rows && !(u.skipsFirst == 1u && i + j == 0u);
    return inside${trilMask ? ' && i <= j' : ''}${
      mask ? ' && Mask[group / u.heads * u.rows + i] != 0 && Mask[group / u.heads * u.rows + j] != 0' : ''
    };
  }`;

/** The bits of 64 own rows and the 256 others from which `other` is. */
const markLabels = (byEnds: boolean): string => /* wgsl */ `
  for (var n = lane; n < ${ROWS * WORDS}u; n += ${ROWS}u) { atomicStore(&marks[n], 0u); }
  workgroupBarrier();
  let column = other / ${COLUMNS}u * ${COLUMNS}u;
  for (var slot = lane; slot < u.slots; slot += ${ROWS}u) {
    let at = 2u * (group * u.slots + slot);
    let mine = Spans[at${byEnds ? ' + 1u' : ''}] - i32(first);
    let its = Spans[at${byEnds ? '' : ' + 1u'}] - i32(column);
    if (mine >= 0 && mine < ${ROWS} && its >= 0 && its < ${COLUMNS}) {
      atomicOr(&marks[u32(mine) * ${WORDS}u + u32(its) / 32u], 1u << (u32(its) % 32u));
    }
  }`;

const PARTITION = /* wgsl */ `
  let low = select(vec4f(0.0), scores, isNegative);
  let top = max(negative.x, max(max(low.x, low.y), max(low.z, low.w)));
  let shares = select(vec4f(0.0), exp(scores - top), isNegative);
  negative = vec2f(top, negative.y * exp(negative.x - top) + total(shares));
  if (any(isPositive)) {
    let high = select(vec4f(0.0), -scores, isPositive);
    let above = max(positive.x, max(max(high.x, high.y), max(high.z, high.w)));
    let others = select(vec4f(0.0), exp(-scores - above), isPositive);
    positive = vec2f(above, positive.y * exp(positive.x - above) + total(others));
  }`;

const BLOCK_SUM = /* wgsl */ `
  joined[lane] = select(vec4f(0.0), vec4f(negative, positive), row < u.rows);
  workgroupBarrier();
  for (var width = ${ROWS / 2}u; width > 0u; width /= 2u) {
    if (lane < width) { joined[lane] = join(joined[lane], joined[lane + width]); }
    workgroupBarrier();
  }
  if (lane == 0u) { Blocks[group * places.x + place.x] = joined[0]; }`;

const slopes = /* wgsl */ `
  weights[c / 4u] = select(vec4f(0.0), exp(scores - logs.x), isNegative) -
    select(vec4f(0.0), exp(-scores - logs.y), isPositive);`;

const result = ({head}: Variant): string => /* wgsl */ `
  if (row < u.rows) {
    let slope = Slope[group] * u.scale;
    for (var n = 0u; n < ${head}u; n++) { writeResult(group * u.rows + row, n, gradient[n] * slope); }
  }`;

export const LOSS_BINDINGS: Binding[] = [
  {name: 'Blocks', type: 'vec4f'},
  {name: 'Loss', type: 'f32', written: true},
  {name: 'Logs', type: 'f32', written: true},
];

/** One invocation a sample and type joins its blocks; the 1 of 1 + Σ is exp(0). */
export const LOSS_SOURCE = shader(
  UNIFORMS,
  LOSS_BINDINGS,
  [JOIN],
  /* wgsl */ `
  let group = (place.y * places.x + place.x) * ${ROWS}u + lane;
  if (group >= u.groups) { return; }
  let blocks = (u.rows + ${ROWS - 1}u) / ${ROWS}u;
  var sums = vec4f(0.0, 1.0, 0.0, 1.0);
  for (var n = 0u; n < blocks; n++) { sums = join(sums, Blocks[group * blocks + n]); }
  let logs = sums.xz + log(sums.yw);
  Loss[group] = logs.x + logs.y;
  Logs[2u * group] = logs.x;
  Logs[2u * group + 1u] = logs.y;`,
);
