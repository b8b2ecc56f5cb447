/**
 * Features. An invocation owns a row of x, and reads the projection from tiles of 8 or 16 rows that its workgroup of 64
 * shares (16 KiB at most). What the row projects to goes to the place of the features; then the workgroup makes the
 * features of it, where neighbours write neighbours.
 *
 * - `project`: all of it, unless the exponents lose the largest of other workgroups too: then each leaves its largest.
 * - `finish`: the features in that case. Reads and writes them once more.
 *
 * `Shifts` gets what a row's exponents lose, which is all that the backward pass needs. Need 6 storage buffers at most.
 */
import {
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
} from '../../../internal/webgpu_rows.js';
import {LARGEST_FEATURE} from '../reference.js';
import {HIDDEN, SEEN, UNIFORMS, type Variant} from './variant.js';
import {WAVES} from './waves.js';

export const projectBindings = ({aligned, shift, mask}: Variant): Binding[] => [
  rowBinding('X', aligned),
  rowBinding('Omega', aligned),
  ...(mask ? [{name: 'Mask', type: mask}] : []),
  {name: 'Features', type: 'f32', written: true},
  {name: 'Shifts', type: 'f32', written: true},
  ...(shift === 'group' ? [{name: 'Tops', type: 'f32', written: true} as const] : []),
];

export const FINISH_BINDINGS: Binding[] = [
  {name: 'Tops', type: 'f32'},
  {name: 'Features', type: 'f32', written: true},
  {name: 'Shifts', type: 'f32', written: true},
];

/** Below every exponent. */
const LEAST = -3e38;

/** Both begin with the rows of a workgroup. */
const PLACE = /* wgsl */ `
  let group = ${GROUP_INDEX};
  if (group >= u.groups) { return; }
  let first = place.x * ${ROWS}u;
  let row = first + lane;
  let tiles = (u.tokens + ${ROWS - 1}u) / ${ROWS}u;`;

export function projectSource(variant: Variant): string {
  const {head, aligned, kernel, shift, mask} = variant;
  const rows = tileRows(head + 2);
  const ofRow = kernel === 'hyperbolic' ? 'abs(projected)' : 'projected';
  const seeksTop = kernel !== 'trigonometric' && (shift === 'row' || shift === 'group');
  return shader(
    UNIFORMS,
    projectBindings(variant),
    [
      'fn total(x : vec4f) -> f32 { return x.x + x.y + x.z + x.w; }',
      reader('X', head, aligned, 'u.width'),
      reader('Omega', head, aligned, 'u.width'),
      `var<workgroup> omegaTile : array<vec4f, ${rows * head}>;`,
      ...(shift === 'group' || shift === 'bound' ? [LARGEST] : []),
      shift === 'group' ? '' : MAKE(variant),
    ],
    /* wgsl */ `
    ${PLACE}
    let i = group * u.tokens + min(row, u.tokens - 1u);
    let kept = row < u.tokens${mask ? ' && Mask[group / u.heads * u.tokens + min(row, u.tokens - 1u)] != 0' : ''};
    var x : array<vec4f, ${head}>;
    var square = 0.0;
    for (var n = 0u; n < ${head}u; n++) {
      x[n] = select(vec4f(0.0), readX(i, n) * u.factor, kept);
      square += dot(x[n], x[n]);
    }
    ${shift === 'bound' ? 'var bound = 0.0;' : ''}
    ${seeksTop ? `var top = ${LEAST};` : ''}
    for (var f = 0u; f < u.rows; f += ${rows}u) {
      workgroupBarrier();
      ${stage('omegaTile', 'readOmega', rows, [head, head], {base: '0u', from: 'f', end: 'u.rows'})}
      workgroupBarrier();
      ${
        shift === 'bound'
          ? /* wgsl */ `
      if (lane < ${rows}u) {
        var norm = 0.0;
        for (var n = 0u; n < ${head}u; n++) {
          let omega = omegaTile[lane * ${head}u + n];
          norm += dot(omega, omega);
        }
        bound = max(bound, norm);
      }`
          : ''
      }
      for (var c = 0u; c < ${rows}u; c += 4u) {
        ${products('projected', 'omegaTile', head, 'x[i]')}
        ${
          seeksTop
            ? /* wgsl */ `
        let inside = select(vec4f(${LEAST}), ${ofRow}, ${four(c => `f + ${c} < u.rows`)});
        top = max(top, max(max(inside.x, inside.y), max(inside.z, inside.w)));`
            : ''
        }
        if (row < u.tokens) {
          for (var n = 0u; n < 4u; n++) {
            if (f + c + n < u.rows) { Features[i * u.features + f + c + n] = projected[n]; }
          }
        }
      }
    }
    ${shiftOfRow(variant)}
    if (row < u.tokens) { Shifts[i] = select(${HIDDEN}, shift, kept); }
    ${shift === 'group' ? '' : `make(group, first, lane, select(${HIDDEN}, shift, kept));`}`,
  );
}

/** `shift`; that of a group still lacks the group's largest exponent, of which `Tops` gets this workgroup's part. */
function shiftOfRow({kernel, shift}: Variant): string {
  const half = `let half = ${kernel === 'trigonometric' ? '-0.5' : '0.5'} * square;`;
  switch (shift) {
    case 'absent':
      return 'let shift = 0.0;';
    case 'none':
      return `${half} let shift = half;`;
    case 'row':
      return `${half} let shift = half + top;`;
    case 'bound':
      return /* wgsl */ `${half}
        let shift = half + max(0.5 * largest(lane, bound) - ${LARGEST_FEATURE}.0, 0.0);`;
    case 'group':
      return /* wgsl */ `${half}
        let shift = half;
        let most = largest(lane, select(${LEAST}, ${kernel === 'trigonometric' ? '-half' : 'top'}, kept));
        if (lane == 0u) { Tops[group * tiles + place.x] = most; }`;
  }
}

export function finishSource(variant: Variant): string {
  return shader(
    UNIFORMS,
    FINISH_BINDINGS,
    [LARGEST, MAKE(variant)],
    /* wgsl */ `
    ${PLACE}
    var top = ${LEAST};
    for (var n = lane; n < tiles; n += ${ROWS}u) { top = max(top, Tops[group * tiles + n]); }
    top = largest(lane, top);
    var shift = ${HIDDEN};
    if (row < u.tokens) {
      let at = group * u.tokens + row;
      if (Shifts[at] < ${SEEN}) { shift = Shifts[at] + top; }
      Shifts[at] = shift;
    }
    make(group, first, lane, shift);`,
  );
}

/** `largest(lane, x)` of a workgroup. */
const LARGEST = /* wgsl */ `
  var<workgroup> tops : array<f32, ${ROWS}>;
  fn largest(lane : u32, x : f32) -> f32 {
    tops[lane] = x;
    workgroupBarrier();
    for (var width = ${ROWS / 2}u; width > 0u; width /= 2u) {
      if (lane < width) { tops[lane] = max(tops[lane], tops[lane + width]); }
      workgroupBarrier();
    }
    return tops[0];
  }`;

/** `make(group, first, lane, shift)`: features of the workgroup's rows from what they project to. */
const MAKE = ({kernel}: Variant): string => /* wgsl */ `
  ${kernel === 'trigonometric' ? WAVES : ''}
  var<workgroup> shifts : array<f32, ${ROWS}>;
  fn make(group : u32, first : u32, lane : u32, own : f32) {
    shifts[lane] = own;
    storageBarrier();
    workgroupBarrier();
    let count = min(${ROWS}u, u.tokens - first) * u.rows;
    for (var x = lane; x < count; x += ${ROWS}u) {
      let shift = shifts[x / u.rows];
      let at = (group * u.tokens + first + x / u.rows) * u.features + x % u.rows;
      let projected = Features[at];
      let seen = shift < ${SEEN};
      ${FEATURES[kernel]}
    }
  }`;

const put = (value: string, behind = ''): string => `Features[at${behind}] = select(0.0, ${value}, seen);`;

const FEATURES: Record<Variant['kernel'], string> = {
  softmax: put('(exp(projected - shift) + u.epsilon) * u.scale'),
  hyperbolic: `${put('(exp(projected - shift) + u.epsilon) * u.scale')}
    ${put('(exp(-projected - shift) + u.epsilon) * u.scale', ' + u.rows')}`,
  relu: put('max(projected * u.inner, 0.0) + u.epsilon'),
  trigonometric: `let waves = exp(-shift) * u.scale;
    ${put('cosine(vec4f(projected)).x * waves')}
    ${put('sine(vec4f(projected)).x * waves', ' + u.rows')}`,
};
