/**
 * Row updates on `cpu` and `wasm`, in place: O(K · D) for K listed rows, whatever the size of the table. The rows of
 * a repeated id are summed first.
 */
import type * as tf from '@tensorflow/tfjs-core';

import {type HostArray, hostMemory} from '../host_memory.js';
import {fusedKernel, type Inputs} from '../kernels.js';
import {readQuietly, watch} from '../watched_reads.js';
import {adopt} from './adopt.js';
import {type RowRuleAttrs, rowOp} from './row_rule.js';
import type {UpdateRule} from './rule.js';
import {writable} from './writable.js';

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
  const table = writable(parameter, backend);
  const arrays = {parameter: table, out: table, slots: slots.map(slot => writable(slot, backend))};
  const {rows, positions} = sumRepeats(ids, view(gradient.rows), width, gradient.distinct);
  for (const position of positions) {
    const id = ids[position];
    if (id < 0 || id >= size) continue;
    const place = {from: id * width, gradientFrom: position * width, length: width};
    rule.loop({...arrays, gradient: rows, ...place}, constants);
  }
  const adopted = readQuietly(parameter, () => adopt(backend, parameter));
  watch(adopted);
  return [adopted];
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
