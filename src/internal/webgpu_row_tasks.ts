/**
 * Programs for webgpu that go through the rows of `[R, C]`: a workgroup of 128 invocations takes a row, reduces it as
 * often as it needs (the second time from cache), and writes one number or the row. 2 KiB of workgroup memory.
 */
import type {WebGPUBackend, WebGPUProgram} from '@tensorflow/tfjs-backend-webgpu';
import type * as tf from '@tensorflow/tfjs-core';

import {type Join, joinedMemory, joinFunction, joinInvocations} from './webgpu_reductions.js';

const SIZE = 128;

/** Joins what `term` gives for each column, as vec4<f32>. */
export interface RowReduction extends Join {
  /** Under which the later ones and the output know the result. */
  name: string;
  /** An expression of `row`, `column`, `at` (the element) and earlier reductions. */
  term: string;
}

export interface RowTask {
  /** Names all that the source depends on. */
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
  const [rows, classes] = inputs[0].shape;
  const shape = task.output.each === 'row' ? [rows] : [rows, classes];
  return (backend as WebGPUBackend).runWebGPUProgram(new RowProgram(task, rows, shape), inputs, 'float32', [
    ...[rows, classes].map(value => ({type: 'int32', data: [value]})),
    ...settings.map(value => ({type: 'float32', data: [value]})),
  ]);
}

class RowProgram implements WebGPUProgram {
  readonly workgroupSize: [number, number, number] = [SIZE, 1, 1];
  readonly outputComponent = 1;
  readonly variableNames: string[];
  readonly variableComponents: number[];
  readonly uniforms: string;
  readonly dispatchLayout: {x: number[]};
  readonly dispatch: [number, number, number];
  readonly shaderKey: string;

  constructor(
    private readonly task: RowTask,
    rows: number,
    readonly outputShape: number[],
  ) {
    this.variableNames = [...task.inputs];
    this.variableComponents = task.inputs.map(() => 1);
    this.uniforms = ['rows : i32,', 'classes : i32,', ...task.settings.map(name => `${name} : f32,`)].join(' ');
    this.dispatchLayout = {x: outputShape.map((_, axis) => axis)};
    this.dispatch = [rows, 1, 1];
    this.shaderKey = `addonsRows_${task.key}`;
  }

  getUserCode(): string {
    const {functions, reductions, output} = this.task;
    return /* wgsl */ `
      ${functions}
      ${joinedMemory(SIZE)}
      ${reductions.map(reduction => joinFunction(`join_${reduction.name}`, reduction)).join('\n')}
      fn main(index : i32) {
        let lane = index % ${SIZE};
        let row = index / ${SIZE};
        // A dispatch of more than one dimension has spare workgroups; they pass every barrier over no elements.
        let end = select(0, uniforms.classes, row < uniforms.rows);
        ${reductions.map(reduce).join('\n')}
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
}

const reduce = ({name, start, term}: RowReduction): string => /* wgsl */ `
  var sum_${name} = ${start};
  for (var column = lane; column < end; column += ${SIZE}) {
    let at = row * uniforms.classes + column;
    sum_${name} = join_${name}(sum_${name}, ${term});
  }
  ${joinInvocations(`join_${name}`, `sum_${name}`, SIZE, 'i32')}
  let ${name} = joined[0];
  workgroupBarrier();`;
