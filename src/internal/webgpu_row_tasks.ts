/**
 * Programs for webgpu that go through the rows of `[R, C]`: a workgroup of 128 invocations takes a row, reduces it as
 * often as it needs (the second time from cache), and writes one number or the row. 2 KiB of workgroup memory; with
 * subgroups on the device, a reduction has two barriers instead of nine.
 */
import type * as tf from '@tensorflow/tfjs-core';

import {canDispatch, dispatchByName, uniformBuffer} from './webgpu_dispatch.js';
import {hasSubgroups} from './webgpu_features.js';
import {type Join, joinedMemory, joinFunction, joinInvocations, SUBGROUPS} from './webgpu_reductions.js';
import {MOST_WORKGROUPS} from './webgpu_rows.js';

const SIZE = 128;

/** Joins what `term` gives for each column, as vec4<f32>. */
export interface RowReduction extends Join {
  /** Under which the later ones and the output know the result. */
  name: string;
  /** An expression of `row`, `column`, `at` (the element) and earlier reductions. */
  term: string;
}

export interface RowTask {
  /** Names all that the source depends on, besides the types of the inputs. */
  key: string;
  inputs: readonly string[];
  /** Float uniforms besides `rows` and `classes`, by name. */
  settings: readonly string[];
  /** WGSL functions. */
  functions: string;
  reductions: readonly RowReduction[];
  /** An expression of the reductions for the row, or one of `at` as well for each of its elements. */
  output: {each: 'row' | 'element'; value: string};
}

/** Runs `task` on `inputs`, the first of which is `[R, C]`. */
export function runRowTask(
  backend: tf.KernelBackend,
  task: RowTask,
  inputs: tf.TensorInfo[],
  settings: readonly number[],
): tf.TensorInfo {
  if (!canDispatch(backend))
    throw new Error(`${task.key}: this version of tfjs-backend-webgpu lacks a member it needs.`);
  const [rows, classes] = inputs[0].shape;
  const result = backend.makeTensorInfo(task.output.each === 'row' ? [rows] : [rows, classes], 'float32');
  if (rows === 0) return result;
  const words = new Int32Array(2 + settings.length);
  words.set([rows, classes]);
  new Float32Array(words.buffer).set(settings, 2);
  const types = inputs.map(({dtype}) => (dtype === 'float32' ? 'f32' : 'i32'));
  const subgroups = hasSubgroups(backend.device);
  const across = Math.min(rows, MOST_WORKGROUPS);
  dispatchByName(backend, {
    key: `addonsRows_${task.key}_${types.join('_')}${subgroups ? '_subgroups' : ''}`,
    code: () => source(task, types, subgroups),
    bindings: [...task.inputs.map(name => ({name})), {name: 'result', written: true}],
    tensors: {...Object.fromEntries(task.inputs.map((name, i) => [name, inputs[i]])), result},
    uniforms: uniformBuffer(backend, words),
    workgroups: [across, Math.ceil(rows / across)],
  });
  return result;
}

function source({inputs, settings, functions, reductions, output}: RowTask, types: string[], subgroups: boolean) {
  const bindings = [
    ...inputs.map((name, i) => `var<storage, read> ${name} : array<${types[i]}>;`),
    'var<storage, read_write> result : array<f32>;',
    'var<uniform> uniforms : Uniforms;',
  ].map((declaration, i) => `@group(0) @binding(${i}) ${declaration}`);
  return /* wgsl */ `
    ${subgroups ? SUBGROUPS.enable : ''}
    struct Uniforms { rows : i32, classes : i32, ${settings.map(name => `${name} : f32,`).join(' ')} };
    ${bindings.join('\n')}
    ${functions}
    ${joinedMemory(SIZE)}
    ${reductions.map(reduction => joinFunction(`join_${reduction.name}`, reduction)).join('\n')}
    @compute @workgroup_size(${SIZE})
    fn main(
      @builtin(workgroup_id) place : vec3u,
      @builtin(num_workgroups) places : vec3u,
      ${subgroups ? SUBGROUPS.parameters : ''}
      @builtin(local_invocation_index) invocation : u32,
    ) {
      let lane = i32(invocation);
      let row = i32(place.y * places.x + place.x);
      // The last line of workgroups may have spare ones; they pass every barrier over no elements.
      let end = select(0, uniforms.classes, row < uniforms.rows);
      ${reductions.map(reduction => reduce(reduction, subgroups)).join('\n')}
      ${
        output.each === 'row'
          ? `if (lane == 0 && row < uniforms.rows) { result[row] = ${output.value}; }`
          : `for (var column = lane; column < end; column += ${SIZE}) {
               let at = row * uniforms.classes + column;
               result[at] = ${output.value};
             }`
      }
    }`;
}

const reduce = ({name, start, term}: RowReduction, subgroups: boolean): string => /* wgsl */ `
  var sum_${name} = ${start};
  for (var column = lane; column < end; column += ${SIZE}) {
    let at = row * uniforms.classes + column;
    sum_${name} = join_${name}(sum_${name}, ${term});
  }
  ${joinInvocations(name, {join: `join_${name}`, value: `sum_${name}`, size: SIZE, integer: 'i32', subgroups})}`;
