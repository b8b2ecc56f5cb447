/** Row updates on tfjs-node: gathers the touched rows, updates them and scatters them back, natively. */
import * as tf from '@tensorflow/tfjs-core';

import {fusedKernel, type Inputs} from '../kernels.js';
import {sumRepeatedRows} from '../row_gradient.js';
import {type RowRuleAttrs, rowOp} from './row_rule.js';
import type {UpdateRule} from './rule.js';

export function registerTensorflowRowRule(rule: UpdateRule): void {
  fusedKernel<Inputs, RowRuleAttrs>(rowOp(rule), {
    backend: 'tensorflow',
    run: (_, attrs) => tf.tidy(() => [tf.clone(runRows(rule, attrs))]),
  });
}

function runRows(rule: UpdateRule, {target, constants}: RowRuleAttrs): tf.Tensor {
  const {parameter, gradient, slots} = target;
  const {ids, rows} = sumRepeatedRows(gradient);
  const gathered = [parameter, ...slots].map(table => tf.gather(table, ids));
  const [updated, ...state] = rule.reference(gathered[0], rows, gathered.slice(1), constants);
  const places = tf.expandDims(ids, 1);
  slots.forEach((slot, i) => {
    slot.assign(tf.tensorScatterUpdate(slot, places, state[i]));
  });
  return tf.tensorScatterUpdate(parameter, places, updated);
}
