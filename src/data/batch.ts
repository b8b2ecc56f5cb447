import * as tf from '@tensorflow/tfjs-core';

import {check} from '../internal/check.js';

/** One tensor, or several by name or in order, as models with many inputs take them. */
export type Tensors = tf.Tensor | tf.Tensor[] | {[name: string]: tf.Tensor};

/** An element of a batched dataset for `model.fitDataset`; the first axis of every tensor counts the samples. */
export interface Batch {
  xs: Tensors;
  ys: Tensors;
}

/** `change` applied to each tensor, in the same container. */
export function mapTensors(tensors: Tensors, change: (x: tf.Tensor) => tf.Tensor): Tensors {
  if (tensors instanceof tf.Tensor) return change(tensors);
  if (Array.isArray(tensors)) return tensors.map(change);
  return Object.fromEntries(Object.entries(tensors).map(([name, x]) => [name, change(x)]));
}

/** The number of samples, the same in all tensors. */
export function samplesOf({xs, ys}: Batch, where: string): number {
  const all = [...listOf(xs), ...listOf(ys)];
  check(all.length > 0, where, 'a batch {xs, ys} of tensors', {xs, ys}, 'Use it as dataset.batch(32).map(…).');
  const sizes = all.map(({shape}) => shape[0]);
  const fits = sizes[0] !== undefined && sizes.every(size => size === sizes[0]);
  check(fits, where, 'tensors with the same number of samples', sizes, 'Call dataset.batch() before.');
  return sizes[0];
}

/** Refuses what can't be mixed: numbers that stand for something. */
export function checkFloats(tensors: Tensors, where: string, what: string, hint: string): void {
  for (const {dtype} of listOf(tensors)) check(dtype === 'float32', where, `${what} of type float32`, dtype, hint);
}

function listOf(tensors: Tensors): tf.Tensor[] {
  if (tensors === undefined || tensors === null) return [];
  return tensors instanceof tf.Tensor ? [tensors] : Object.values(tensors);
}

/** `tf.tidy` that knows a batch. */
export const tidyBatch = <B extends Batch>(make: () => Batch): B => tf.tidy(make as never) as unknown as B;
