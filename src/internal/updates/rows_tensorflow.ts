/**
 * Row updates on tfjs-node: gathers the touched rows of table and slots, updates them and writes them back where
 * they were, natively. A table that something else has read since its last step, such as a clone, is copied before.
 */
import * as tf from '@tensorflow/tfjs-core';

import {fusedKernel, type Inputs} from '../kernels.js';
import {gatherRows, sumRepeatedRows} from '../row_gradient.js';
import {TensorflowOps} from '../tensorflow_ops.js';
import {isUnread, watch} from '../watched_reads.js';
import {type RowRuleAttrs, rowOp} from './row_rule.js';
import type {UpdateRule} from './rule.js';

export function registerTensorflowRowRule(rule: UpdateRule): void {
  fusedKernel<Inputs, RowRuleAttrs>(rowOp(rule), {
    backend: 'tensorflow',
    run: (_, attrs, backend) => tf.tidy(() => [runRows(rule, attrs, backend)]),
  });
}

function runRows(rule: UpdateRule, {target, constants}: RowRuleAttrs, backend: tf.KernelBackend): tf.Tensor {
  const {parameter, gradient, slots} = target;
  const ops = new TensorflowOps(backend);
  const {ids, rows} = sumRepeatedRows(gradient);
  const gathered = [parameter, ...slots].map(table => gatherRows(table, ids));
  const [updated, ...state] = rule.reference(gathered[0], rows, gathered.slice(1), constants);
  slots.forEach((slot, i) => {
    slot.assign(replaceRows(slot, ids, state[i], ops));
  });
  return replaceRows(parameter, ids, updated, ops);
}

/** The memory of `table` with other rows at `ids`, which are distinct. `table` is to be disposed. */
function replaceRows(table: tf.Variable, ids: tf.Tensor, rows: tf.Tensor, ops: TensorflowOps): tf.Tensor {
  const exclusive = isUnread(table) ? table : ops.mul(table, 1);
  const replaced = ops.run('InplaceUpdate', [exclusive, ids, rows]); // shares the memory of its input
  watch(replaced);
  return replaced;
}
