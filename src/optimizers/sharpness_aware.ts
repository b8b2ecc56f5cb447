import * as tf from '@tensorflow/tfjs-core';

import {checkRange} from '../internal/check.js';
import type {Gradients, Update} from '../internal/gradients.js';
import {withKnownOptions} from '../internal/known_options.js';
import {Exchange} from '../internal/optimizers/exchange.js';
import {ascend, perturbedGradients} from '../internal/optimizers/perturbed.js';
import {WrapperOptimizer} from '../internal/optimizers/wrapper.js';

export interface SharpnessAwareArgs {
  /** Radius ρ > 0 of the step towards a larger loss. Defaults to 0.05. */
  rho?: number;
}

/**
 * Sharpness-aware minimisation: follows the gradient at the worst point near the weights, towards flat minima.
 *
 *   θ ← inner(θ, ∇L(θ + ρ g / ‖g‖)),   g = ∇L(θ), one norm over all variables
 *
 * Works under `fit` and `minimize`, which give it the loss; `applyGradients` passes gradients on as they are. A step
 * costs two. Reported loss and metrics are those of the weights themselves; batch normalisation sees both passes.
 *
 * ```ts
 * const optimizer = tfa.train.sharpnessAware(tf.train.sgd(0.1), {rho: 0.05});
 * const x = tf.variable(tf.tensor1d([1, 2]));
 * optimizer.minimize(() => tf.sum(tf.square(x)));
 * ```
 *
 * Reference: Foret et al. 2021, arXiv:2010.01412.
 */
export class SharpnessAware extends WrapperOptimizer {
  static readonly className: string = 'SharpnessAware';

  private readonly rho: number;
  private readonly exchange = new Exchange('SharpnessAware', 'restore');

  constructor(inner: tf.Optimizer, {rho = 0.05}: SharpnessAwareArgs = {}) {
    super(inner);
    checkRange(rho, 'SharpnessAware', 'rho', [0, Infinity], {low: true, high: true});
    this.rho = rho;
  }

  override gradientsOf(f: () => tf.Scalar, variables?: tf.Variable[]): Gradients {
    return perturbedGradients(this.core, this.exchange, clean => ascend(clean, this.rho), f, variables);
  }

  protected step(updates: readonly Update[]): void {
    this.core.update(updates);
  }

  override getConfig(): tf.serialization.ConfigDict {
    return {...super.getConfig(), rho: this.rho};
  }
}

/** Makes a `SharpnessAware`. */
export const sharpnessAware = (inner: tf.Optimizer, args?: SharpnessAwareArgs): SharpnessAware =>
  withKnownOptions(new SharpnessAware(inner, args), args);

tf.serialization.registerClass(SharpnessAware);
