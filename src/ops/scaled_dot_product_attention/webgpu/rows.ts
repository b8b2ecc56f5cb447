/**
 * What the gradient needs of each row, one invocation a row: (scale · factor, norm, Σ_c dO ⊙ O, factor), where the norm
 * is that of the forward pass. The key mask follows as 0 and 1, so that the shaders that read this need no buffer
 * for it, and then the table of a rotation.
 *
 * Reads the outputs and their gradients once. Needs 7 storage buffers at most.
 */
import {type Binding, INVOCATION, reader, rowBinding, shader} from '../../../internal/webgpu_rows.js';
import {turnFunctions} from '../../rotary_embedding/on_load.js';
import {counting, factorOf, scoring} from './source.js';
import {UNIFORMS, type Variant} from './variant.js';

const readsMasks = ({squared, counts}: Variant): boolean => !squared && counts !== 'none';

export const rowsBindings = (variant: Variant): Binding[] => {
  const {valueAligned, squared, mask, allowed, rotary} = variant;
  return [
    {name: 'Norm', type: 'f32'},
    ...(squared ? [] : [rowBinding('Output', valueAligned), rowBinding('Slope', valueAligned)]),
    ...(mask ? [{name: 'Mask', type: mask}] : []),
    ...(allowed && readsMasks(variant) ? [{name: 'Allowed', type: 'i32'} as const] : []),
    ...(rotary ? [{name: 'Turns', type: 'f32'} as const] : []),
    {name: 'Rows', type: 'f32', written: true},
  ];
};

export function rowsSource(variant: Variant): string {
  const {value, valueAligned, squared, mask, rotary} = variant;
  const counts = readsMasks(variant);
  return shader(
    UNIFORMS,
    rowsBindings(variant),
    [
      counts ? scoring({...variant, bias: undefined, dropout: false}) + counting(variant) : '',
      squared ? '' : reader('Output', value, valueAligned, 'u.valueWidth'),
      squared ? '' : reader('Slope', value, valueAligned, 'u.valueWidth'),
    ],
    /* wgsl */ `
    let at = ${INVOCATION};
    let all = u.batch * u.heads * u.queries;
    if (at < all) {
      let group = at / u.queries;
      let i = at % u.queries;
      let b = group / u.heads;
      let h = group % u.heads;
      let factor = ${factorOf(variant)};
      var product = 0.0;
      ${squared ? '' : `for (var n = 0u; n < ${value}u; n++) { product += dot(readOutput(at, n), readSlope(at, n)); }`}
      Rows[4u * at] = u.scale * factor;
      Rows[4u * at + 1u] = Norm[at];
      Rows[4u * at + 2u] = product;
      Rows[4u * at + 3u] = factor;
    }
    ${mask ? 'if (at < u.batch * u.keys) { Rows[4u * all + at] = select(0.0, 1.0, Mask[at] != 0); }' : ''}
    ${rotary ? `if (at < arrayLength(&Turns)) { Rows[${firstTurn(variant)} + at] = Turns[at]; }` : ''}`,
  );
}

/** Where the table of the rotation begins. */
const firstTurn = ({mask}: Variant): string => `4u * u.batch * u.heads * u.queries${mask ? ' + u.batch * u.keys' : ''}`;

/** `turnFunctions` of a shader that reads the rows. */
export const turnsOfRows = (variant: Variant): string =>
  variant.rotary ? turnFunctions(variant.rotary, 'Rows', firstTurn(variant)) : '';

/** Of a shader that reads the rows: whether the mask keeps key j of sample b. */
export const KEPT_KEY = 'Rows[4u * u.batch * u.heads * u.queries + b * u.keys + j] != 0.0';
