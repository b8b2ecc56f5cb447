/**
 * Row updates on `cpu` and `wasm`, in place: O(K · D) for K listed rows, whatever the size of the table. The rows of
 * a repeated id are summed first.
 *
 * On cpu an array that `data()` gave of the table after its first step is the table's own memory and shows later
 * steps: copy it with `slice()`.
 */
import type * as tf from '@tensorflow/tfjs-core';

import {type HostArray, hostMemory} from '../host_memory.js';
import {fusedKernel, type Inputs} from '../kernels.js';
import {adopt} from './adopt.js';
import {type RowRuleAttrs, rowOp} from './row_rule.js';
import type {UpdateRule} from './rule.js';

export function registerHostRowRule(rule: UpdateRule): void {
  for (const backend of ['cpu', 'wasm'] as const) {
    fusedKernel<Inputs, RowRuleAttrs>(rowOp(rule), {backend, run: (_, attrs, host) => runRows(rule, attrs, host)});
  }
}

function runRows(rule: UpdateRule, {target, constants}: RowRuleAttrs, backend: tf.KernelBackend): tf.TensorInfo[] {
  const {parameter, gradient, slots} = target;
  const [size, width] = parameter.shape;
  const memory = hostMemory(backend);
  const view = (tensor: tf.TensorInfo) => memory.view(tensor) as Float32Array;
  const ids = memory.view(gradient.ids);
  const table = writable(parameter, view(parameter), backend);
  const arrays = {parameter: table, out: table, slots: slots.map(slot => writable(slot, view(slot), backend))};
  const {rows, positions} = sumRepeats(ids, view(gradient.rows), width, gradient.distinct);
  for (const position of positions) {
    const id = ids[position];
    if (id < 0 || id >= size) continue;
    const place = {from: id * width, gradientFrom: position * width, length: width};
    rule.loop({...arrays, gradient: rows, ...place}, constants);
  }
  return [adopt(backend, parameter)];
}

/** For each id the position of its first occurrence, where `rows` has the sum of all. */
function sumRepeats(ids: HostArray, rows: Float32Array, width: number, distinct: boolean) {
  if (distinct) return {rows, positions: ids.keys()};
  const first = new Map<number, number>();
  let sums = rows;
  for (let position = 0; position < ids.length; position++) {
    const earlier = first.get(ids[position]);
    if (earlier === undefined) {
      first.set(ids[position], position);
      continue;
    }
    if (sums === rows) sums = rows.slice();
    for (let c = 0; c < width; c++) sums[earlier * width + c] += rows[position * width + c];
  }
  return {rows: sums, positions: first.values()};
}

/** Arrays that were made here, so that nobody holds one that was there before. */
const ours = new WeakSet<HostArray>();

/** On cpu the tensor's array may be one that the user gave or was given, so it is replaced once. */
function writable(tensor: tf.TensorInfo, array: Float32Array, backend: object): Float32Array {
  if ('wasm' in backend || ours.has(array)) return array;
  const copy = array.slice();
  ours.add(copy);
  (backend as {data: Map<tf.DataId, {values: HostArray}>}).data.get(tensor.dataId)!.values = copy;
  return copy;
}
