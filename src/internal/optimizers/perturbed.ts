import * as tf from '@tensorflow/tfjs-core';
import type {Gradients, Update} from '../gradients.js';
import type {Core} from './core.js';
import type {Exchange} from './exchange.js';
import {addAll, denseGradient, disposeUpdates} from './updates.js';

/** A variable and another value for it. */
export interface Moved {
  variable: tf.Variable;
  value: tf.Tensor;
}

/**
 * The gradients at moved variables, which have their values back afterwards, from saved copies rather than by
 * subtraction. The loss of this pass is freed.
 */
export function gradientsAt(
  core: Core,
  exchange: Exchange,
  moved: readonly Moved[],
  f: () => tf.Scalar,
  variables?: tf.Variable[],
): Update[] {
  exchange.swap(moved);
  try {
    const {value, updates} = repeatedPass(g => core.gradientsOf(g, variables), f);
    value.dispose();
    return updates;
  } finally {
    exchange.restore();
  }
}

/**
 * Calls the loss of `model.fit` once more. Every call keeps a tensor for each metric, of which `fit` frees those of
 * the first call only; so those of this call are freed here.
 */
export function repeatedPass(compute: (f: () => tf.Scalar) => Gradients, f: () => tf.Scalar): Gradients {
  const kept: tf.Tensor[] = [];
  const result = compute(() => {
    const {track} = tf.engine().state.activeScope as unknown as {track: (tf.Tensor & {kept: boolean})[]};
    const from = track.length;
    const loss = f();
    kept.push(...track.slice(from).filter(tensor => tensor.kept && tensor !== loss));
    return loss;
  });
  tf.dispose(kept);
  return result;
}

/** ‖g‖₂ over all of the updates that have a gradient. */
export function jointNorm(updates: readonly Update[]): tf.Tensor {
  const squares = updates.flatMap(update => {
    const gradient = denseGradient(update);
    return gradient === null ? [] : [tf.sum(tf.square(gradient))];
  });
  return squares.length === 0 ? tf.scalar(0) : tf.sqrt(addAll(squares));
}

/** θ + radius · g / ‖g‖ for the updates, with one norm over all; θ itself where ‖g‖ is 0. */
export function ascend(updates: readonly Update[], radius: number): Moved[] {
  const factor = tf.div(radius, tf.add(jointNorm(updates), 1e-12));
  return updates.flatMap(update => {
    const gradient = denseGradient(update);
    const {variable} = update;
    return gradient === null ? [] : [{variable, value: tf.add(variable, tf.mul(gradient, factor))}];
  });
}

/** The `Moved` of a function, safe from `tf.tidy`; the caller disposes the values. */
export function tidyMoved(make: () => Moved[]): Moved[] {
  let moved: Moved[] = [];
  tf.tidy(() => {
    moved = make();
    for (const {value} of moved) tf.keep(value);
  });
  return moved;
}

export const disposeMoved = (moved: readonly Moved[]): void => tf.dispose(moved.map(({value}) => value));

/** The clean loss with the gradients at the points that `move` makes of the clean gradients. */
export function perturbedGradients(
  core: Core,
  exchange: Exchange,
  move: (clean: readonly Update[]) => Moved[],
  f: () => tf.Scalar,
  variables?: tf.Variable[],
): Gradients {
  const {value, updates: clean} = core.gradientsOf(f, variables);
  const moved = tidyMoved(() => move(clean));
  disposeUpdates(clean);
  const updates = gradientsAt(core, exchange, moved, f, variables);
  disposeMoved(moved);
  return {value, updates};
}
