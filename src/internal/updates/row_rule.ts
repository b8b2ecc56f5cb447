import * as tf from '@tensorflow/tfjs-core';

import {type RowGradient, sumRepeatedRows, toDense} from '../optimizers/row_gradient.js';
import type {Constants, Target, UpdateRule} from './rule.js';

/** A table whose rows `ids` have a gradient. */
export interface RowTarget extends Omit<Target, 'gradient'> {
  gradient: RowGradient;
}

/** One step of `rule` on the touched rows of a table and of its slots; nothing else is read or written. */
export function applyRowRule(rule: UpdateRule, {parameter, gradient, slots}: RowTarget, constants: Constants): void {
  tf.tidy(() => {
    const {ids, rows} = sumRepeatedRows(gradient);
    const present = tf.add(tf.zerosLike(rows), tf.expandDims(tf.cast(tf.greaterEqual(ids, 0), 'float32'), 1));
    const dense = toDense({ids, rows, distinct: true}, parameter.shape);
    const touched = toDense({ids, rows: present as tf.Tensor2D, distinct: true}, parameter.shape);
    applyMasked(rule, {parameter, gradient: dense, slots}, tf.greater(touched, 0), constants);
  });
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
