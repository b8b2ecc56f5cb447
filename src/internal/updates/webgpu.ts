/**
 * Update rules on WebGPU, in place. An invocation takes 16 elements of a variable, or 16 vectors of four where the size
 * allows; small variables share a dispatch, as many as the device's storage buffers allow (two for Adam with the
 * usual 8).
 *
 * Bytes a parameter: reads θ, g and the slots, writes θ and the slots: 28 for Adam against about 128 of composed ops.
 * No workgroup memory, no features; needs 2 + slots storage buffers.
 */
import type * as tf from '@tensorflow/tfjs-core';

import {fusedKernel, type Inputs} from '../kernels.js';
import {
  adoptBuffer,
  canDispatch,
  type DispatchBackend,
  dispatch,
  sharedUniforms,
  type UniformBuffer,
} from '../webgpu_dispatch.js';
import type {Constants, RuleAttrs, Target, UpdateRule} from './rule.js';

export const WORKGROUP = 64;
/** Elements or vectors of an invocation, a stride apart: with one, starting it takes longer than its arithmetic. */
const TURNS = 16;
/** Elements up to which variables share a dispatch. */
const SMALL = 1 << 16;
const MAX_WORKGROUPS = 65535;

export function registerWebgpuRule(rule: UpdateRule): void {
  fusedKernel<Inputs, RuleAttrs>(rule.op, {
    backend: 'webgpu',
    run: (_, {targets, constants}, backend) => runRule(rule, targets, constants, backend),
  });
}

function runRule(
  rule: UpdateRule,
  targets: readonly Target[],
  constants: Constants,
  backend: tf.KernelBackend,
): tf.TensorInfo[] {
  if (!canDispatch(backend))
    throw new Error('AddonsUpdate: this version of tfjs-backend-webgpu lacks a member it needs.');
  const words = Float32Array.from(rule.constants, name => constants[name]);
  sharedUniforms(backend, words, uniforms => {
    for (const group of groups(targets, rule, backend)) dispatchGroup(rule, group, uniforms, backend);
  });
  return targets.map(({parameter}) => adoptBuffer(backend, parameter));
}

function dispatchGroup(rule: UpdateRule, group: Target[], uniforms: UniformBuffer, backend: DispatchBackend): void {
  const vector = group.every(({parameter}) => parameter.size % 4 === 0);
  const largest = Math.max(...group.map(({parameter}) => parameter.size)) / (vector ? 4 : 1);
  dispatch(backend, {
    key: `${rule.op}-${group.length}-${vector}`,
    code: () => source(rule, group.length, vector),
    reads: group.map(({gradient}) => gradient),
    writes: group.flatMap(({parameter, slots}) => [parameter, ...slots]),
    uniforms,
    workgroups: [Math.min(Math.ceil(largest / (WORKGROUP * TURNS)), MAX_WORKGROUPS), group.length],
  });
}

/** Small variables in groups that the device can bind at once, large ones alone. */
function groups(targets: readonly Target[], rule: UpdateRule, {device}: DispatchBackend): Target[][] {
  const capacity = Math.floor(device.limits.maxStorageBuffersPerShaderStage / (2 + rule.slots.length));
  const isSmall = ({parameter}: Target) => parameter.size <= SMALL;
  const isVector = ({parameter}: Target) => parameter.size % 4 === 0;
  const large = targets.filter(target => !isSmall(target)).map(target => [target]);
  const small = targets.filter(isSmall);
  const batches = [small.filter(isVector), small.filter(target => !isVector(target))].flatMap(list =>
    Array.from({length: Math.ceil(list.length / capacity)}, (_, i) => list.slice(i * capacity, (i + 1) * capacity)),
  );
  return [...large, ...batches];
}

/** Bindings: a gradient a variable, then parameter and slots a variable, then the constants. */
function source(rule: UpdateRule, variables: number, vector: boolean): string {
  const element = vector ? 'vec4f' : 'f32';
  const indices = Array.from({length: variables}, (_, i) => i);
  const written = indices.flatMap(i => ['parameter', ...rule.slots].map(name => `${name}${i}`));
  const bindings = [
    ...indices.map(i => `var<storage, read> gradient${i} : array<${element}>;`),
    ...written.map(name => `var<storage, read_write> ${name} : array<${element}>;`),
    'var<uniform> c : Constants;',
  ].map((declaration, i) => `@group(0) @binding(${i}) ${declaration}`);
  const update = (i: number) => /* wgsl */ `
    if (workgroup.y == ${i}u) {
      for (var i = start; i < arrayLength(&gradient${i}); i += stride) {
        let g = gradient${i}[i];
        var p = parameter${i}[i];
        ${rule.slots.map(slot => `var ${slot} = ${slot}${i}[i];`).join(' ')}
        ${rule.wgsl}
        parameter${i}[i] = p;
        ${rule.slots.map(slot => `${slot}${i}[i] = ${slot};`).join(' ')}
      }
    }`;
  return /* wgsl */ `
    ${constantsStruct(rule)}
    ${bindings.join('\n')}
    @compute @workgroup_size(${WORKGROUP})
    fn main(@builtin(global_invocation_id) id : vec3u, @builtin(workgroup_id) workgroup : vec3u,
            @builtin(num_workgroups) count : vec3u) {
      let start = id.x;
      let stride = count.x * ${WORKGROUP}u;
      ${indices.map(update).join('\n')}
    }`;
}

export const constantsStruct = (rule: UpdateRule): string =>
  `struct Constants { ${rule.constants.map(name => `${name} : f32,`).join(' ')} };`;
