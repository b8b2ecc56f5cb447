import * as tf from '@tensorflow/tfjs-core';

import {checkRange} from '../internal/check.js';
import type {Gradients, Update} from '../internal/gradients.js';
import {withKnownOptions} from '../internal/known_options.js';
import {disposeUpdates, mapGradient} from '../internal/optimizers/updates.js';
import {WrapperOptimizer} from '../internal/optimizers/wrapper.js';

export interface FloodingArgs {
  /** Level b ≥ 0 below which the loss is not to fall; 0 to 0.2 is usual. */
  level: number;
}

/**
 * Keeps the training loss at a level: the gradient of |L − b| + b instead of that of L.
 *
 *   θ ← inner(θ, sign(L − b) ∇L)
 *
 * Below the level it climbs, so that the weights wander along flat places instead of fitting the last examples. L is
 * the loss of the batch with its regularisers. Works under `fit` and `minimize`; the loss that they report is L.
 *
 * ```ts
 * const optimizer = tfa.train.flooding(tf.train.sgd(0.1), {level: 0.1});
 * const x = tf.variable(tf.scalar(1));
 * for (let i = 0; i < 20; i++) optimizer.minimize(() => tf.square(x)); // x² comes to rest near 0.1
 * ```
 *
 * Reference: Ishida et al. 2020, arXiv:2002.08709.
 */
export class Flooding extends WrapperOptimizer {
  static readonly className: string = 'Flooding';

  readonly level: number;

  constructor(inner: tf.Optimizer, {level}: FloodingArgs) {
    super(inner);
    checkRange(level, 'Flooding', 'level', [0, Infinity], {high: true});
    this.level = level;
  }

  override gradientsOf(f: () => tf.Scalar, variables?: tf.Variable[]): Gradients {
    const {value, updates} = this.core.gradientsOf(f, variables);
    const flooded: Update[] = [];
    tf.tidy(() => {
      const sign = tf.sign(tf.sub(value, this.level));
      for (const {variable, gradient} of updates) {
        const changed = mapGradient(gradient, g => tf.mul(g, sign));
        if (changed !== null)
          for (const tensor of 'rows' in changed ? [changed.ids, changed.rows] : [changed]) tf.keep(tensor);
        flooded.push({variable, gradient: changed});
      }
    });
    disposeUpdates(updates);
    return {value, updates: flooded};
  }

  protected step(updates: readonly Update[]): void {
    this.core.update(updates);
  }

  override getConfig(): tf.serialization.ConfigDict {
    return {...super.getConfig(), level: this.level};
  }
}

/** Makes a `Flooding`. */
export const flooding = (inner: tf.Optimizer, args: FloodingArgs): Flooding =>
  withKnownOptions(new Flooding(inner, args), args);

tf.serialization.registerClass(Flooding);
