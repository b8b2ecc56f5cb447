import * as tf from '@tensorflow/tfjs-core';

import {check, checkShape} from '../check.js';
import type {Gradient, RowGradient, Update} from '../gradients.js';
import {concatRows, isRowGradient, sumRepeatedRows, toDense} from '../row_gradient.js';
import type {VariableGradients} from '../tfjs_types.js';

/** The argument of `applyGradients`, map or list, as updates in its order. */
export function toUpdates(gradients: VariableGradients, where: string): Update[] {
  const list = Array.isArray(gradients)
    ? gradients
    : Object.entries(gradients as tf.NamedTensorMap).map(([name, tensor]) => ({name, tensor}));
  return list.map(({name, tensor}) => {
    const variable = liveVariable(name, where);
    if (tensor != null) checkShape(tensor.shape, variable.shape, where, `the gradient of ${name}`);
    return {variable, gradient: tensor ?? null};
  });
}

/** The variable of that name, which `tf.variable` registered and nobody disposed. */
export function liveVariable(name: string, where: string): tf.Variable {
  const variable = tf.engine().registeredVariables[name];
  check(variable !== undefined, where, 'the name of a live tf.Variable', name, 'Was its model disposed?');
  return variable;
}

/** The gradient as one tensor of the variable's shape. */
export function denseGradient({variable, gradient}: Update): tf.Tensor | null {
  return isRowGradient(gradient) ? toDense(gradient, variable.shape) : gradient;
}

/** `change` applied to the values of a gradient; of a row gradient, to each row once, repeats summed. */
export function mapGradient(gradient: Gradient, change: (values: tf.Tensor) => tf.Tensor): Gradient {
  if (gradient === null) return null;
  if (!isRowGradient(gradient)) return change(gradient);
  const {ids, rows} = sumRepeatedRows(gradient);
  return {ids, rows: change(rows) as tf.Tensor2D, distinct: true};
}

/** The numbers of a gradient, for norms: of a row gradient the touched rows, repeats summed. */
export function gradientValues(gradient: tf.Tensor | RowGradient): tf.Tensor {
  return isRowGradient(gradient) ? sumRepeatedRows(gradient).rows : gradient;
}

/** a + weight · b for two passes over the same variables, in new tensors. */
export function addUpdates(a: readonly Update[], b: readonly Update[], weight: number): Update[] {
  return a.map((update, i) => {
    const {variable} = update;
    const [own, other] = [update.gradient, b[i].gradient];
    if (isRowGradient(own) && isRowGradient(other)) {
      const rows = tf.mul(other.rows, weight) as tf.Tensor2D;
      const sum = concatRows([own, {ids: other.ids, rows}]);
      rows.dispose();
      return {variable, gradient: sum};
    }
    const sum = tf.tidy(() => {
      const [first, second] = [denseGradient(update), denseGradient(b[i])];
      const weighted = second === null ? [] : [tf.mul(second, weight)];
      const terms = first === null ? weighted : [first, ...weighted];
      return terms.length === 0 ? [] : [tf.clone(addAll(terms))];
    });
    const gradient = sum.length === 0 ? null : sum[0];
    return {variable, gradient};
  });
}

/** Frees the gradients of a step. */
export function disposeUpdates(updates: readonly Update[]): void {
  for (const {gradient} of updates) {
    if (isRowGradient(gradient)) tf.dispose([gradient.ids, gradient.rows]);
    else gradient?.dispose();
  }
}

/** Of the gradient's shape: whether any element of the row, along the last axis, differs from 0. */
export function touchedRows(gradient: tf.Tensor): tf.Tensor {
  const differs = tf.notEqual(gradient, 0);
  if (gradient.rank === 0) return differs;
  const any = tf.max(tf.cast(differs, 'float32'), -1, true);
  return tf.greater(tf.add(any, tf.zerosLike(gradient)), 0);
}

/** The sum of at least one tensor; `tf.addN` of more than seven is silently wrong on webgpu. */
export const addAll = (tensors: readonly tf.Tensor[]): tf.Tensor => tensors.reduce((sum, x) => tf.add(sum, x));
