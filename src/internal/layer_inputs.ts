import * as tf from '@tensorflow/tfjs-core';
import type {LayerVariable} from '@tensorflow/tfjs-layers';

import {check} from './check.js';
import {setUpTfjs} from './setup.js';
import type {Kwargs} from './tfjs_types.js';

setUpTfjs();

/** `Layer.call` gets one tensor from a direct `apply` and an array from a model. */
export const inputList = (inputs: tf.Tensor | tf.Tensor[]): tf.Tensor[] => (Array.isArray(inputs) ? inputs : [inputs]);

/** The single input of a layer that takes one. */
export function onlyInput(inputs: tf.Tensor | tf.Tensor[], where: string): tf.Tensor {
  const list = inputList(inputs);
  check(list.length === 1, where, 'one input', list.length, 'Concatenate or stack several tensors first.');
  return list[0];
}

/** What the weights of a layer are now. */
export const readAll = (weights: readonly LayerVariable[]): tf.Tensor[] => weights.map(weight => weight.read());

/** `kwargs.training`, false when absent. */
export const isTraining = (kwargs: Kwargs | undefined): boolean => Boolean(kwargs?.training);

/**
 * The padding mask `[B, T]` that belongs to `x`, or `undefined`.
 *
 * tfjs hands over one mask object for a whole model run: after `tf.layers.add` it has the shape `[1, B, T]`, after two
 * of them `[1, 1, B, T]`, and a layer on an unmasked branch sees the mask of another one. The first are squeezed, and a
 * mask of another batch or length is not ours.
 *
 * @param x `[B, T, …]`.
 */
export function paddingMask(kwargs: Kwargs | undefined, x: tf.Tensor, where: string): tf.Tensor2D | undefined {
  return fitMask(kwargs?.mask, x, where);
}

/** `paddingMask` for one mask of a list. */
export function fitMask(mask: unknown, x: tf.Tensor, where: string): tf.Tensor2D | undefined {
  const given = Array.isArray(mask) ? mask[0] : mask;
  if (!isTensor(given)) return undefined;
  const [batch, length] = x.shape;
  const squeezed = withoutLeadingOnes(given);
  const fits = squeezed.rank === 2 && squeezed.shape[0] === batch && squeezed.shape[1] === length;
  if (fits) return squeezed as tf.Tensor2D;
  const isOfCells = given.rank >= 3 && given.shape[0] === batch && given.shape[given.rank - 1] === length;
  const hint = 'It says which tokens count. What each token may see is a bias, where a layer takes one.';
  check(!isOfCells, where, `a mask of shape [${batch}, ${length}]`, given, hint);
  return undefined; // that of another layer: tfjs hands the last mask of a model to all that follow
}

/** The mask of the keys where query, key and value differ: only a caller who names all masks can tell it. */
export const maskOfValues = (masks: unknown, value: tf.Tensor, where: string): tf.Tensor2D | undefined =>
  Array.isArray(masks) ? fitMask(masks[2] ?? masks[1], value, where) : undefined;

const isTensor = (value: unknown): value is tf.Tensor =>
  typeof value === 'object' && value !== null && 'dataId' in value;

/** The inputs of a layer by name, in the order in which its arguments announce them. */
export function namedInputs<N extends string>(
  inputs: tf.Tensor | tf.Tensor[],
  names: readonly N[],
  where: string,
): Partial<Record<N, tf.Tensor>> {
  const list = inputList(inputs);
  check(list.length === names.length, where, `${names.length} inputs (${names.join(', ')})`, list.length);
  return Object.fromEntries(names.map((name, i) => [name, list[i]])) as Partial<Record<N, tf.Tensor>>;
}

/** The first mask of what `computeMask` receives: that of the queries, which the output keeps. */
export function firstMask(mask: tf.Tensor | tf.Tensor[] | null | undefined): tf.Tensor {
  const first = Array.isArray(mask) ? mask[0] : mask;
  if (first == null) return null as never;
  return tf.tidy(() => withoutLeadingOnes(tf.clone(first)));
}

/** Every `tf.layers.add` on the way has put an axis of length 1 before the mask. */
function withoutLeadingOnes(mask: tf.Tensor): tf.Tensor {
  const axes = Array.from({length: Math.max(0, mask.rank - 2)}, (_, axis) => axis);
  return axes.length > 0 && axes.every(axis => mask.shape[axis] === 1) ? tf.squeeze(mask, axes) : mask;
}
