/**
 * Gradients of features. Projections are computed again, and with the shift of its row each gives the feature.
 *
 * - `inputs`: an invocation owns a row of x and its gradient, and reads tiles of the projection.
 * - `projection`: an invocation owns a row of the projection and its gradient, and adds up tiles of x over a chunk of
 *   256 rows; the sums of the chunks are added up by a shader of linear attention.
 *
 * Tiles of 8 or 16 rows, 16 KiB at most. Need 5 storage buffers.
 */
import {
  accumulate,
  type Binding,
  four,
  GROUP_INDEX,
  INVOCATION,
  products,
  ROWS,
  reader,
  rowBinding,
  shader,
  stage,
  tileRows,
  writer,
} from '../../../internal/webgpu_rows.js';
import {CHUNK, HIDDEN, SEEN, UNIFORMS, type Variant} from './variant.js';
import {WAVES} from './waves.js';

const READS = ({aligned}: Variant): Binding[] => [
  rowBinding('X', aligned),
  rowBinding('Omega', aligned),
  {name: 'Shifts', type: 'f32'},
  {name: 'Slope', type: 'f32'},
];

export const inputsBindings = (variant: Variant): Binding[] => [
  ...READS(variant),
  rowBinding('Result', variant.aligned, true),
];

export const projectionBindings = (variant: Variant): Binding[] => [
  ...READS(variant),
  {name: 'Sums', type: 'vec4f', written: true},
];

const shared = (variant: Variant): string[] => {
  const {head, aligned, kernel} = variant;
  return [
    'fn total(x : vec4f) -> f32 { return x.x + x.y + x.z + x.w; }',
    reader('X', head, aligned, 'u.width'),
    reader('Omega', head, aligned, 'u.width'),
    kernel === 'trigonometric' ? WAVES : '',
    /* wgsl */ `
    fn slopeAt(i : u32, f : u32, shift : f32, second : u32) -> f32 {
      if (f >= u.rows || !(shift < ${SEEN})) { return 0.0; }
      return Slope[i * u.features + second * u.rows + f];
    }`,
  ];
};

export function inputsSource(variant: Variant): string {
  const {head, aligned} = variant;
  const rows = tileRows(head);
  return shader(
    UNIFORMS,
    inputsBindings(variant),
    [
      ...shared(variant),
      writer('Result', head, aligned, 'u.width'),
      `var<workgroup> omegaTile : array<vec4f, ${rows * head}>;`,
    ],
    /* wgsl */ `
    let row = ${INVOCATION};
    let all = u.groups * u.tokens;
    let own = min(row, all - 1u);
    let shift = Shifts[own];
    let kept = shift < ${SEEN};
    var x : array<vec4f, ${head}>;
    for (var n = 0u; n < ${head}u; n++) { x[n] = select(vec4f(0.0), readX(own, n) * u.factor, kept); }
    var gradient : array<vec4f, ${head}>;
    var ofHalfSquare = 0.0;
    for (var f = 0u; f < u.rows; f += ${rows}u) {
      workgroupBarrier();
      ${stage('omegaTile', 'readOmega', rows, [head, head], {base: '0u', from: 'f', end: 'u.rows'})}
      workgroupBarrier();
      var all : array<vec4f, ${rows / 4}>;
      for (var c = 0u; c < ${rows}u; c += 4u) {
        ${products('projected', 'omegaTile', head, 'x[i]')}
        let first = ${four(c => `slopeAt(own, f + ${c}, shift, 0u)`)};
        ${isPaired(variant) ? `let second = ${four(c => `slopeAt(own, f + ${c}, shift, 1u)`)};` : ''}
        ${slopes(variant)}
        all[c / 4u] = slopes;
        ${hasHalfSquare(variant) ? 'ofHalfSquare += total(ofExponents);' : ''}
      }
      ${accumulate('gradient', 'omegaTile', rows, head, 'all')}
    }
    if (row < all) {
      for (var n = 0u; n < ${head}u; n++) { writeResult(row, n, u.factor * (gradient[n] - ofHalfSquare * x[n])); }
    }`,
  );
}

/** Workgroups of a chunk. */
export const projectionTiles = (rows: number): number => Math.ceil(rows / ROWS);

export function projectionSource(variant: Variant): string {
  const {head} = variant;
  const rows = tileRows(head + 1);
  return shader(
    UNIFORMS,
    projectionBindings(variant),
    [
      ...shared(variant),
      `fn readRow(row : u32, i : u32) -> vec4f {
         return select(vec4f(0.0), readX(row, i) * u.factor, Shifts[row] < ${SEEN});
       }`,
      `var<workgroup> rowTile : array<vec4f, ${rows * head}>;`,
      `var<workgroup> shiftTile : array<f32, ${rows}>;`,
    ],
    /* wgsl */ `
    let chunk = ${GROUP_INDEX};
    let rows = u.groups * u.tokens;
    if (chunk * ${CHUNK}u >= rows) { return; }
    let f = place.x * ${ROWS}u + lane;
    var omega : array<vec4f, ${head}>;
    for (var n = 0u; n < ${head}u; n++) { omega[n] = readOmega(min(f, u.rows - 1u), n); }
    var gradient : array<vec4f, ${head}>;
    let end = min((chunk + 1u) * ${CHUNK}u, rows);
    for (var row = chunk * ${CHUNK}u; row < end; row += ${rows}u) {
      workgroupBarrier();
      ${stage('rowTile', 'readRow', rows, [head, head], {base: '0u', from: 'row', end: 'end'})}
      if (lane < ${rows}u) {
        shiftTile[lane] = select(${HIDDEN}, Shifts[min(row + lane, rows - 1u)], row + lane < end);
      }
      workgroupBarrier();
      var all : array<vec4f, ${rows / 4}>;
      for (var c = 0u; c < ${rows}u; c += 4u) {
        ${products('projected', 'rowTile', head, 'omega[i]')}
        let shift = ${four(c => `shiftTile[${c}]`)};
        let first = ${four(c => `slopeAt(row + ${c}, f, shiftTile[${c}], 0u)`)};
        ${isPaired(variant) ? `let second = ${four(c => `slopeAt(row + ${c}, f, shiftTile[${c}], 1u)`)};` : ''}
        ${slopes(variant)}
        all[c / 4u] = slopes;
      }
      ${accumulate('gradient', 'rowTile', rows, head, 'all')}
    }
    if (f < u.rows) {
      for (var n = 0u; n < ${head}u; n++) { Sums[(chunk * u.rows + f) * ${head}u + n] = gradient[n]; }
    }`,
  );
}

const isPaired = ({kernel}: Variant): boolean => kernel === 'hyperbolic' || kernel === 'trigonometric';

const hasHalfSquare = ({shift}: Variant): boolean => shift !== 'absent';

/**
 * From `projected`, `shift` and the gradients `first` and `second` of the features, `slopes`, the gradient of what is
 * projected, and `ofExponents`, what |x|²/2 in the exponent takes off.
 */
function slopes({kernel}: Variant): string {
  switch (kernel) {
    case 'softmax':
      return 'let slopes = first * exp(projected - shift) * u.scale; let ofExponents = slopes;';
    case 'hyperbolic':
      return /* wgsl */ `
        let rising = first * exp(projected - shift) * u.scale;
        let falling = second * exp(-projected - shift) * u.scale;
        let slopes = rising - falling;
        let ofExponents = rising + falling;`;
    case 'relu':
      return 'let slopes = select(vec4f(0.0), first * u.inner, projected * u.inner > vec4f(0.0));';
    case 'trigonometric':
      return /* wgsl */ `
        let cosines = cosine(projected);
        let sines = sine(projected);
        let height = exp(vec4f(-shift)) * u.scale;
        let slopes = height * (second * cosines - first * sines);
        let ofExponents = -height * (first * cosines + second * sines);`;
  }
}
