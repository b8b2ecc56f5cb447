/** Swish and its gradient in one dispatch each, where composed ops take two and four. 2 and 4 storage buffers. */
import type * as tf from '@tensorflow/tfjs-core';

import {whyNotFloats} from '../../internal/float_inputs.js';
import type {FusedKernel} from '../../internal/kernels.js';
import {type DispatchBackend, dispatchByName, uniformBuffer, whyNotDispatch} from '../../internal/webgpu_dispatch.js';
import {type Binding, flatGrid, INVOCATION, shader} from '../../internal/webgpu_rows.js';
import type {SwishGradientInputs, SwishInputs} from './name.js';

export const swishOnWebgpu: FusedKernel<SwishInputs, object> = {
  backend: 'webgpu',
  unsupported: whyNot,
  run: ({x}, _, live) => elementwise('Swish', {X: x}, 'x * sigmoid(x)', live),
};

export const swishGradientOnWebgpu: FusedKernel<SwishGradientInputs, object> = {
  backend: 'webgpu',
  unsupported: whyNot,
  run: ({dy, x, y}, _, live) =>
    elementwise('SwishGradient', {X: x, Y: y, Slopes: dy}, 'Slopes[at] * sigmoid(x) * (1.0 + x - Y[at])', live),
};

/** Inputs of one size; `formula` is WGSL of the element `at`, with `x` for that of X. */
function elementwise(
  name: string,
  inputs: Record<string, tf.Tensor>,
  formula: string,
  live: tf.KernelBackend,
): tf.TensorInfo {
  const backend = live as unknown as DispatchBackend;
  const {shape, size} = inputs.X;
  const result = backend.makeTensorInfo(shape, 'float32');
  const bindings: Binding[] = [
    ...Object.keys(inputs).map(name => ({name, type: 'f32'}) as const),
    {name: 'Result', type: 'f32', written: true},
  ];
  dispatchByName(backend, {
    key: `addons${name}`,
    code: () => source(bindings, formula),
    bindings,
    tensors: {...inputs, Result: result},
    uniforms: uniformBuffer(backend, new Int32Array([size])),
    workgroups: flatGrid(size),
  });
  return result;
}

function whyNot(inputs: SwishInputs | SwishGradientInputs): string | undefined {
  return whyNotFloats(inputs) ?? whyNotDispatch(inputs.x.size);
}

const UNIFORMS = /* wgsl */ `
  struct Uniforms { count : u32, };`;

/** An exponential that overflows may be any number. */
const SIGMOID = /* wgsl */ `
  fn sigmoid(x : f32) -> f32 {
    let e = exp(-abs(x));
    return select(e, 1.0, x >= 0.0) / (1.0 + e);
  }`;

const source = (bindings: readonly Binding[], formula: string): string =>
  shader(
    UNIFORMS,
    bindings,
    [SIGMOID],
    /* wgsl */ `
    let at = ${INVOCATION};
    if (at >= u.count) { return; }
    let x = X[at];
    Result[at] = ${formula};`,
  );
