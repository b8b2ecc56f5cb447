import * as tf from '@tensorflow/tfjs-core';
import type {RowGradient} from '../gradients.js';
import {type Inputs, runKernelOr} from '../kernels.js';
import {sumRepeatedRows, toDense} from '../row_gradient.js';
import {own} from './owned.js';
import type {Constants, Target, UpdateRule} from './rule.js';

/** A table `[V, D]` whose rows `ids` have a gradient. */
export interface RowTarget extends Omit<Target, 'gradient'> {
  gradient: RowGradient;
}

/** What the kernels get besides their inputs. */
export interface RowRuleAttrs {
  constants: Constants;
  target: RowTarget;
}

/** The name of the kernel that carries `rule` out on rows. */
export const rowOp = (rule: UpdateRule): string => `${rule.op}Rows`;

/** One step of `rule` on the touched rows of a table and of its slots; nothing else changes. */
export function applyRowRule(rule: UpdateRule, target: RowTarget, constants: Constants): void {
  const {parameter, gradient, slots} = target;
  [parameter, ...slots].forEach(own);
  const inputs: Inputs = {parameter, ids: gradient.ids, rows: gradient.rows};
  rule.slots.forEach((slot, j) => {
    inputs[slot] = slots[j];
  });
  const attrs: RowRuleAttrs = {constants, target};
  const [updated] = runKernelOr(rowOp(rule), inputs, attrs, () => {
    composed(rule, target, constants);
    return [tf.clone(parameter)];
  });
  parameter.assign(updated);
  updated.dispose();
}

/** Dense, for backends that cannot write to parts of a tensor: every row is read and written. */
function composed(rule: UpdateRule, {parameter, gradient, slots}: RowTarget, constants: Constants): void {
  const {ids, rows} = sumRepeatedRows(gradient);
  const present = tf.add(tf.zerosLike(rows), tf.expandDims(tf.cast(tf.greaterEqual(ids, 0), 'float32'), 1));
  const dense = toDense({ids, rows, distinct: true}, parameter.shape);
  const touched = toDense({ids, rows: present as tf.Tensor2D, distinct: true}, parameter.shape);
  applyMasked(rule, {parameter, gradient: dense, slots}, tf.greater(touched, 0), constants);
}

/** One step of `rule` where `touched`, of the parameter's shape, is true. */
export function applyMasked(rule: UpdateRule, target: Target, touched: tf.Tensor, constants: Constants): void {
  const {parameter, gradient, slots} = target;
  tf.tidy(() => {
    const updated = rule.reference(parameter, gradient, slots, constants);
    [parameter, ...slots].forEach((variable, i) => {
      variable.assign(tf.where(touched, updated[i], variable));
    });
  });
}
