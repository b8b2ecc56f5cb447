import * as tf from '@tensorflow/tfjs-core';

import {checkRange} from '../internal/check.js';
import type {Update} from '../internal/gradients.js';
import {withKnownOptions} from '../internal/known_options.js';
import {type NamePattern, NamePatterns} from '../internal/optimizers/name_patterns.js';
import {AddonsOptimizer} from '../internal/optimizers/optimizer.js';
import {denseGradient} from '../internal/optimizers/updates.js';
import {LION} from '../internal/updates/lion.js';
import {applyRule, type Target} from '../internal/updates/rule.js';

export interface LionArgs {
  /** β₁ of the direction, in [0, 1). Defaults to 0.95. */
  beta1?: number;
  /** β₂ of the momentum, in [0, 1). Defaults to 0.98. */
  beta2?: number;
  /** Decoupled decay λ ≥ 0: θ shrinks by ηλ a step. Defaults to 0. */
  weightDecay?: number;
  /** Variables without decay: patterns searched in their names. Defaults to none. */
  excludeFromDecay?: readonly NamePattern[];
}

/**
 * Lion: steps of equal size in every coordinate, in the direction of an interpolated momentum's sign.
 *
 *   θ ← θ − η (sign(β₁ m + (1 − β₁) g) + λ θ);   m ← β₂ m + (1 − β₂) g
 *
 * Half the memory of Adam; wants a learning rate 3 to 10 times smaller and a decay as much larger.
 *
 * State per variable: `m`, of its shape. Memory: +1 × parameters.
 *
 * ```ts
 * const optimizer = tfa.train.lion(3e-4, {weightDecay: 0.1});
 * const x = tf.variable(tf.scalar(1));
 * optimizer.minimize(() => tf.square(x));
 * ```
 *
 * Reference: Chen et al. 2023, "Symbolic Discovery of Optimization Algorithms", arXiv:2302.06675. The betas default
 * to bert4keras's 0.95 and 0.98; the paper has 0.9 and 0.99.
 */
export class Lion extends AddonsOptimizer {
  static readonly className: string = 'Lion';

  private readonly args: Required<Omit<LionArgs, 'excludeFromDecay'>>;
  private readonly excluded: NamePatterns;

  constructor(
    public learningRate: number,
    {beta1 = 0.95, beta2 = 0.98, weightDecay = 0, excludeFromDecay = []}: LionArgs = {},
  ) {
    super();
    checkRange(learningRate, 'Lion', 'learningRate', [0, Infinity], {high: true});
    checkRange(beta1, 'Lion', 'beta1', [0, 1], {high: true});
    checkRange(beta2, 'Lion', 'beta2', [0, 1], {high: true});
    checkRange(weightDecay, 'Lion', 'weightDecay', [0, Infinity], {high: true});
    this.args = {beta1, beta2, weightDecay};
    this.excluded = new NamePatterns(excludeFromDecay, 'Lion', 'excludeFromDecay');
  }

  protected step(updates: readonly Update[]): void {
    const {beta1, beta2, weightDecay} = this.args;
    const constants = {rate: this.learningRate, beta1, beta2, shrink: 1};
    const decayed: Target[] = [];
    const exempt: Target[] = [];
    for (const update of updates) {
      const {variable: parameter} = update;
      const slots = [this.slots.get(parameter, 'm')];
      const gradient = denseGradient(update);
      if (gradient === null) continue;
      (this.excluded.matches(parameter.name) ? exempt : decayed).push({parameter, gradient, slots});
    }
    applyRule(LION, decayed, {...constants, shrink: 1 - this.learningRate * weightDecay});
    applyRule(LION, exempt, constants);
  }

  override getConfig(): tf.serialization.ConfigDict {
    return {learningRate: this.learningRate, ...this.args, excludeFromDecay: this.excluded.toConfig() as never};
  }
}

/** Makes a `Lion`. */
export const lion = (learningRate: number, args?: LionArgs): Lion =>
  withKnownOptions(new Lion(learningRate, args), args);

tf.serialization.registerClass(Lion);
