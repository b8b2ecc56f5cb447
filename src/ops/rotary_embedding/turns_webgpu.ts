/**
 * Cosines and sines of the rotation by positions on the device, in one dispatch where composed ops take 36: an
 * invocation makes the pair of one position and one frequency, from basic arithmetic, as built-in sines may be off by
 * 5e-4. 3 storage buffers.
 */
import type * as tf from '@tensorflow/tfjs-core';

import type {FusedKernel} from '../../internal/kernels.js';
import {type DispatchBackend, dispatchByName, uniformBuffer, whyNotDispatch} from '../../internal/webgpu_dispatch.js';
import {type Binding, flatGrid, INVOCATION, shader} from '../../internal/webgpu_rows.js';
import {sineSeries} from '../../internal/webgpu_sine.js';
import type {RotaryTurnsInputs} from './name.js';

export const rotaryTurnsOnWebgpu: FusedKernel<RotaryTurnsInputs, object> = {
  backend: 'webgpu',
  unsupported: ({positions, pieces}) =>
    positions.size === 0 ? 'an empty tensor' : whyNotDispatch((2 * positions.size * pieces.size) / 3),
  run: ({positions, pieces}, _, live) => {
    const backend = live as unknown as DispatchBackend;
    const pairs = pieces.shape[1] as number;
    const turns = backend.makeTensorInfo([...positions.shape, pairs, 2], 'float32');
    const type = positions.dtype === 'float32' ? 'f32' : 'i32';
    const bindings = bindingsOf(type);
    dispatchByName(backend, {
      key: `addonsRotaryTurns_${type}`,
      code: () => shader(UNIFORMS, bindings, [SINE], MAIN),
      bindings,
      tensors: {Positions: positions, Pieces: pieces, Turns: turns} as Record<string, tf.TensorInfo>,
      uniforms: uniformBuffer(backend, new Int32Array([positions.size, pairs])),
      workgroups: flatGrid(positions.size * pairs),
    });
    return turns;
  },
};

const UNIFORMS = /* wgsl */ `
  struct Uniforms { rows : u32, pairs : u32, };`;

const bindingsOf = (type: 'f32' | 'i32'): Binding[] => [
  {name: 'Positions', type},
  {name: 'Pieces', type: 'f32'},
  {name: 'Turns', type: 'f32', written: true},
];

/** sin 2πt. */
const SINE = /* wgsl */ `
  ${sineSeries('f32')}
  fn sineOf(turns : f32) -> f32 {
    let halfTurns = floor(2.0 * turns + 0.5);
    let isOdd = halfTurns - 2.0 * floor(0.5 * halfTurns);
    return sineSeries((turns - 0.5 * halfTurns) * 6.283185307179586) * (1.0 - 2.0 * isOdd);
  }`;

const MAIN = /* wgsl */ `
    let at = ${INVOCATION};
    if (at >= u.rows * u.pairs) { return; }
    let position = f32(Positions[at / u.pairs]);
    var turns = 0.0;
    for (var n = 0u; n < 3u; n++) { turns += fract(position * Pieces[n * u.pairs + at % u.pairs]); }
    Turns[2u * at] = sineOf(turns + 0.25);
    Turns[2u * at + 1u] = sineOf(turns);`;
