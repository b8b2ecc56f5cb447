/**
 * Row updates on WebGPU, in place. A workgroup takes one listed row and an invocation every 64th column; the first
 * occurrence of an id sums the rows of all, the others do nothing.
 *
 * Reads K · D of the gradient, K² ids (cached), and reads and writes K · D of table and slots; nothing of the size
 * of the table. No workgroup memory, no features; needs 3 + slots storage buffers.
 */
import type * as tf from '@tensorflow/tfjs-core';

import {fusedKernel, type Inputs} from '../kernels.js';
import {adoptBuffer, canDispatch, dispatch, uniformBuffer} from '../webgpu_dispatch.js';
import {type RowRuleAttrs, rowOp} from './row_rule.js';
import type {UpdateRule} from './rule.js';
import {constantsStruct, WORKGROUP} from './webgpu.js';

const ROWS_A_LINE = 32768;

export function registerWebgpuRowRule(rule: UpdateRule): void {
  fusedKernel<Inputs, RowRuleAttrs>(rowOp(rule), {
    backend: 'webgpu',
    unsupported: (_, {target}) => (target.gradient.ids.size === 0 ? 'no rows' : undefined),
    run: (_, attrs, backend) => runRows(rule, attrs, backend),
  });
}

function runRows(rule: UpdateRule, {target, constants}: RowRuleAttrs, backend: tf.KernelBackend): tf.TensorInfo[] {
  if (!canDispatch(backend))
    throw new Error('AddonsUpdate: this version of tfjs-backend-webgpu lacks a member it needs.');
  const {parameter, gradient, slots} = target;
  const count = gradient.ids.size;
  dispatch(backend, {
    key: rowOp(rule),
    code: () => source(rule),
    reads: [gradient.ids, gradient.rows],
    writes: [parameter, ...slots],
    uniforms: uniformBuffer(backend, Float32Array.from([...rule.constants.map(name => constants[name])])),
    workgroups: [Math.min(count, ROWS_A_LINE), Math.ceil(count / ROWS_A_LINE)],
  });
  return [adoptBuffer(backend, parameter)];
}

function source(rule: UpdateRule): string {
  const written = ['parameter', ...rule.slots.map(slot => `${slot}s`)];
  const bindings = [
    'var<storage, read> ids : array<i32>;',
    'var<storage, read> rows : array<f32>;',
    ...written.map(name => `var<storage, read_write> ${name} : array<f32>;`),
    'var<uniform> c : Constants;',
  ].map((declaration, i) => `@group(0) @binding(${i}) ${declaration}`);
  return /* wgsl */ `
    ${constantsStruct(rule)}
    ${bindings.join('\n')}
    @compute @workgroup_size(${WORKGROUP})
    fn main(@builtin(workgroup_id) workgroup : vec3u, @builtin(local_invocation_index) lane : u32) {
      let count = arrayLength(&ids);
      let position = workgroup.x + workgroup.y * ${ROWS_A_LINE}u;
      if (position >= count) { return; }
      let width = arrayLength(&rows) / count;
      let id = ids[position];
      if (id < 0 || u32(id) >= arrayLength(&parameter) / width) { return; }
      for (var j = 0u; j < position; j++) {
        if (ids[j] == id) { return; }
      }
      for (var column = lane; column < width; column += ${WORKGROUP}u) {
        var g = 0.0;
        for (var j = position; j < count; j++) {
          if (ids[j] == id) { g += rows[j * width + column]; }
        }
        let i = u32(id) * width + column;
        var p = parameter[i];
        ${rule.slots.map(slot => `var ${slot} = ${slot}s[i];`).join(' ')}
        ${rule.wgsl}
        parameter[i] = p;
        ${rule.slots.map(slot => `${slot}s[i] = ${slot};`).join(' ')}
      }
    }`;
}
