/**
 * Two dispatches forward, one backward. A workgroup of 128 invocations takes a chunk of 8192 classes of one row.
 *
 * - Partition: each invocation keeps the running maximum and scaled sum of both sides, a tree in workgroup memory
 *   (2 KiB) joins them; writes 16 bytes a chunk.
 * - Logarithms: one invocation a row joins its chunks.
 * - Gradient: each invocation writes the shares of its classes, from the logarithms of the row.
 *
 * Listed labels become a bit mask of the chunk in workgroup memory (1 KiB).
 * Bytes an element: forward 4 (listed) or 8 (dense), backward the same and 4 written; composed ops move about 150.
 * Needs 5 storage buffers, no features.
 */
import type {WebGPUBackend, WebGPUProgram} from '@tensorflow/tfjs-backend-webgpu';
import type * as tf from '@tensorflow/tfjs-core';

import type {FusedKernel} from '../../internal/kernels.js';
import {ABSENT_BELOW} from '../../internal/numbers.js';
import {joinedMemory, joinFunction, joinInvocations, LOG_SUM} from '../../internal/webgpu_reductions.js';
import type {MultilabelAttrs, MultilabelGradientInputs, MultilabelInputs} from './name.js';

const CHUNK = 8192;
const SIZE = 128;

export const multilabelOnWebgpu: FusedKernel<MultilabelInputs, MultilabelAttrs> = {
  backend: 'webgpu',
  run: ({logits, labels}, attrs, backend) => {
    const gpu = backend as WebGPUBackend;
    const partition = runPartition(gpu, logits, labels, attrs);
    const logs = gpu.runWebGPUProgram(new LogsProgram(logits.shape[0]), [partition], 'float32', [
      {type: 'int32', data: [partition.shape[1]]},
    ]);
    gpu.disposeData(partition.dataId);
    return logs;
  },
};

export const multilabelGradientOnWebgpu: FusedKernel<MultilabelGradientInputs, MultilabelAttrs> = {
  backend: 'webgpu',
  run: ({dy, logits, labels, logs}, attrs, backend) => {
    const program = new ChunkProgram('gradient', attrs.form, logits.shape, logits.shape as [number, number]);
    const inputs = [logits, labels, logs, dy];
    return (backend as WebGPUBackend).runWebGPUProgram(program, inputs, 'float32', uniformsOf(logits, labels, attrs));
  },
};

/** `[R, P, 4]`: of each chunk the largest exponent and the scaled sum, of the negatives and of the positives. */
function runPartition(gpu: WebGPUBackend, logits: tf.Tensor, labels: tf.Tensor, attrs: MultilabelAttrs): tf.TensorInfo {
  const [rows, classes] = logits.shape;
  const shape = [rows, Math.ceil(classes / CHUNK), 4];
  const program = new ChunkProgram('partition', attrs.form, shape, [rows, classes]);
  return gpu.runWebGPUProgram(program, [logits, labels], 'float32', uniformsOf(logits, labels, attrs));
}

function uniformsOf(logits: tf.Tensor, labels: tf.Tensor, {threshold, maskZero, side}: MultilabelAttrs) {
  const [rows, classes] = logits.shape;
  const listed = labels.shape[1] as number;
  const integers = [rows, classes, Math.ceil(classes / CHUNK), listed, side, maskZero ? 1 : 0];
  return [...integers.map(value => ({type: 'int32', data: [value]})), {type: 'float32', data: [threshold]}];
}

type Form = MultilabelAttrs['form'];

class ChunkProgram implements WebGPUProgram {
  readonly workgroupSize: [number, number, number] = [SIZE, 1, 1];
  readonly uniforms = 'rows : i32, classes : i32, parts : i32, listed : i32, side : i32, first : i32, threshold : f32,';
  readonly variableNames: string[];
  readonly variableComponents: number[];
  readonly outputComponent: number;
  readonly dispatchLayout: {x: number[]};
  readonly dispatch: [number, number, number];
  readonly shaderKey: string;

  constructor(
    readonly task: 'partition' | 'gradient',
    readonly form: Form,
    readonly outputShape: number[],
    [rows, classes]: [number, number],
  ) {
    const forward = task === 'partition';
    this.variableNames = forward ? ['logits', 'labels'] : ['logits', 'labels', 'logs', 'dy'];
    this.variableComponents = forward ? [1, 1] : [1, 1, 2, 1];
    this.outputComponent = forward ? 4 : 1;
    this.dispatchLayout = {x: outputShape.map((_, axis) => axis)};
    this.dispatch = [rows * Math.ceil(classes / CHUNK), 1, 1];
    this.shaderKey = `addonsMultilabel_${task}_${form}`;
  }

  getUserCode(): string {
    const listed = this.form !== 'dense';
    return /* wgsl */ `
      ${listed ? MARKS : ''}
      ${this.task === 'partition' ? TERM : ''}
      ${this.task === 'partition' ? JOIN : ''}
      fn main(index : i32) {
        let lane = index % ${SIZE};
        let group = index / ${SIZE};
        let row = group / uniforms.parts;
        let part = group % uniforms.parts;
        let begin = part * ${CHUNK};
        // A dispatch of more than one dimension has spare workgroups; they pass every barrier over no elements.
        let end = select(begin, min(begin + ${CHUNK}, uniforms.classes), row < uniforms.rows);
        ${listed ? markWords(this.form) : ''}
        ${this.task === 'partition' ? PARTITION : GRADIENT}
      }
      fn label(row : i32, column : i32) -> f32 {
        ${
          listed
            ? `let bit = column % ${CHUNK};
               return f32((atomicLoad(&marks[bit / 32]) >> u32(bit % 32)) & 1u);`
            : 'return clamp(f32(labels[row * uniforms.classes + column]), 0.0, 1.0);'
        }
      }
      fn isAbsent(logit : f32, column : i32) -> bool {
        return logit < ${ABSENT_BELOW} || column < uniforms.first;
      }`;
  }
}

const MARKS = /* wgsl */ `
  var<workgroup> marks : array<atomic<u32>, ${CHUNK / 32}>;`;

/** One bit a listed class of the chunk. Whatever lies outside the row is padding. */
const markWords = (form: Form): string => /* wgsl */ `
  for (var i = lane; i < ${CHUNK / 32}; i += ${SIZE}) { atomicStore(&marks[i], 0u); }
  workgroupBarrier();
  for (var i = lane; i < select(0, uniforms.listed, row < uniforms.rows); i += ${SIZE}) {
    let at = row * uniforms.listed + i;
    ${
      form === 'spans'
        ? `let span = vec2<i32>(labels[2 * at], labels[2 * at + 1]);
           let inside = all(span >= vec2<i32>(0)) && all(span < vec2<i32>(uniforms.side));
           let column = select(-1, span.x * uniforms.side + span.y, inside);`
        : 'let column = labels[at];'
    }
    if (column >= begin && column < end) {
      atomicOr(&marks[(column - begin) / 32], 1u << u32((column - begin) % 32));
    }
  }
  workgroupBarrier();`;

const JOIN = joinFunction('join', LOG_SUM);

/** Of a pair (maximum, Σ w exp(x − maximum)); a quadruple has one for each side. */
const TERM = /* wgsl */ `
  ${joinedMemory(SIZE)}
  fn term(pair : vec2<f32>, x : f32, w : f32) -> vec2<f32> {
    if (x > pair.x) { return vec2<f32>(x, pair.y * exp(pair.x - x) + w); }
    return vec2<f32>(pair.x, pair.y + w * exp(x - pair.x));
  }`;

const PARTITION = /* wgsl */ `
  var negative = vec2<f32>(0.0);
  var positive = vec2<f32>(0.0);
  for (var column = begin + lane; column < end; column += ${SIZE}) {
    let logit = f32(logits[row * uniforms.classes + column]); // tfjs's casts from int32 arrive as such
    if (!isAbsent(logit, column)) {
      let s = logit - uniforms.threshold;
      let t = label(row, column);
      if (t < 1.0) { negative = term(negative, s, 1.0 - t); }
      if (t > 0.0) { positive = term(positive, -s, t); }
    }
  }
  ${joinInvocations('sums', {join: 'join', value: 'vec4f(negative, positive)', size: SIZE, integer: 'i32'})}
  if (lane == 0 && row < uniforms.rows) { result[group] = sums; }`;

const GRADIENT = /* wgsl */ `
  if (row < uniforms.rows) {
    let sums = logs[row];
    for (var column = begin + lane; column < end; column += ${SIZE}) {
      let at = row * uniforms.classes + column;
      var share = 0.0;
      let logit = f32(logits[at]);
      if (!isAbsent(logit, column)) {
        let s = logit - uniforms.threshold;
        let t = label(row, column);
        if (t < 1.0) { share += (1.0 - t) * exp(s - sums.x); }
        if (t > 0.0) { share -= t * exp(-s - sums.y); }
      }
      result[at] = dy[row] * share;
    }
  }`;

class LogsProgram implements WebGPUProgram {
  readonly variableNames = ['chunks'];
  readonly variableComponents = [4];
  readonly outputComponent = 2;
  readonly workgroupSize: [number, number, number] = [64, 1, 1];
  readonly size = true;
  readonly uniforms = 'parts : i32,';
  readonly shaderKey = 'addonsMultilabel_logs';
  readonly dispatchLayout = {x: [0, 1]};
  readonly dispatch: [number, number, number];
  readonly outputShape: number[];

  constructor(rows: number) {
    this.outputShape = [rows, 2];
    this.dispatch = [Math.ceil(rows / this.workgroupSize[0]), 1, 1];
  }

  getUserCode(): string {
    return /* wgsl */ `
      ${JOIN}
      fn main(row : i32) {
        if (row < uniforms.size) {
          var sums = vec4<f32>(0.0, 1.0, 0.0, 1.0); // the 1 is exp(0)
          for (var i = 0; i < uniforms.parts; i++) { sums = join(sums, chunks[row * uniforms.parts + i]); }
          result[row] = sums.xz + log(sums.yw);
        }
      }`;
  }
}
