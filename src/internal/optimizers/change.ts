import * as tf from '@tensorflow/tfjs-core';
import type {Update} from '../gradients.js';
import type {Core} from './core.js';

/**
 * Lets `core` take its step and then replaces, for each chosen variable, its new value by `combine(old, new)`.
 */
export function changeStep(
  core: Core,
  updates: readonly Update[],
  chosen: readonly Update[],
  combine: (before: tf.Tensor, after: tf.Tensor, update: Update) => tf.Tensor,
): void {
  const before = chosen.map(({variable}) => tf.clone(variable));
  core.update(updates);
  chosen.forEach((update, i) => {
    update.variable.assign(combine(before[i], update.variable, update));
  });
}
