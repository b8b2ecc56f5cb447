import * as tf from '@tensorflow/tfjs-core';

import {checkOneOf, checkRange} from '../internal/check.js';
import type {Update} from '../internal/gradients.js';
import {withKnownOptions} from '../internal/known_options.js';
import {type NamePattern, NamePatterns} from '../internal/optimizers/name_patterns.js';
import {AddonsOptimizer} from '../internal/optimizers/optimizer.js';
import {denseGradient} from '../internal/optimizers/updates.js';
import {ADAM, adamConstants, EPSILON_MODES, type EpsilonMode} from '../internal/updates/adam.js';
import {applyRule, type Target} from '../internal/updates/rule.js';

const DECOUPLINGS = ['timesLearningRate', 'absolute'] as const;

export interface AdamWArgs {
  /** Decay β₁ of the first moment, in [0, 1). Defaults to 0.9. */
  beta1?: number;
  /** Decay β₂ of the second moment, in [0, 1). Defaults to 0.999. */
  beta2?: number;
  /** ε > 0 of the denominator. Defaults to 1e-7. */
  epsilon?: number;
  /**
   * `'algorithm1'`, m̂/(√v̂ + ε) as in `tf.train.adam`, or `'hat'`, ε beside √v as in Keras. Defaults to
   * `'algorithm1'`.
   */
  epsilonMode?: EpsilonMode;
  /** Decay λ ≥ 0. Defaults to 0.01. */
  weightDecay?: number;
  /**
   * `'timesLearningRate'`: θ shrinks by ηλ a step. `'absolute'`: by λ, as in TensorFlow Addons. Defaults to the former.
   */
  decoupled?: (typeof DECOUPLINGS)[number];
  /** Variables without decay: patterns searched in their names. For BERT: `['Norm', 'bias']`. Defaults to none. */
  excludeFromDecay?: readonly NamePattern[];
}

/**
 * Adam with decoupled weight decay.
 *
 *   m ← β₁ m + (1 − β₁) g;   v ← β₂ v + (1 − β₂) g²
 *   θ ← θ − η m̂ / (√v̂ + ε) − η λ θ,   m̂ = m / (1 − β₁ᵗ), v̂ = v / (1 − β₂ᵗ)
 *
 * The usual choice for transformers. With `weightDecay: 0` it is Adam, in one kernel a variable where
 * `tf.train.adam` takes fourteen.
 *
 * State per variable: `m` and `v`, of its shape. Memory: +2 × parameters.
 *
 * ```ts
 * const optimizer = tfa.train.adamW(1e-3, {weightDecay: 0.01, excludeFromDecay: ['bias', /norm/i]});
 * const model = tf.sequential({layers: [tf.layers.dense({units: 1, inputShape: [3]})]});
 * model.compile({optimizer, loss: 'meanSquaredError'});
 * await model.fit(tf.ones([8, 3]), tf.zeros([8, 1]), {verbose: 0});
 * ```
 *
 * Reference: Loshchilov & Hutter 2019, "Decoupled Weight Decay Regularization", arXiv:1711.05101.
 */
export class AdamW extends AddonsOptimizer {
  static readonly className: string = 'AdamW';

  private readonly args: Required<Omit<AdamWArgs, 'excludeFromDecay'>>;
  private readonly excluded: NamePatterns;

  constructor(
    public learningRate: number,
    {
      beta1 = 0.9,
      beta2 = 0.999,
      epsilon = 1e-7,
      epsilonMode = 'algorithm1',
      weightDecay = 0.01,
      decoupled = 'timesLearningRate',
      excludeFromDecay = [],
    }: AdamWArgs = {},
  ) {
    super();
    checkRange(learningRate, 'AdamW', 'learningRate', [0, Infinity], {high: true});
    checkRange(beta1, 'AdamW', 'beta1', [0, 1], {high: true});
    checkRange(beta2, 'AdamW', 'beta2', [0, 1], {high: true});
    checkRange(epsilon, 'AdamW', 'epsilon', [0, Infinity], {low: true, high: true});
    checkOneOf(epsilonMode, EPSILON_MODES, 'AdamW', 'epsilonMode');
    checkRange(weightDecay, 'AdamW', 'weightDecay', [0, Infinity], {high: true});
    checkOneOf(decoupled, DECOUPLINGS, 'AdamW', 'decoupled');
    this.args = {beta1, beta2, epsilon, epsilonMode, weightDecay, decoupled};
    this.excluded = new NamePatterns(excludeFromDecay, 'AdamW', 'excludeFromDecay');
  }

  protected step(updates: readonly Update[]): void {
    const {learningRate} = this;
    const {weightDecay, decoupled} = this.args;
    const constants = adamConstants({learningRate, ...this.args}, this.iterations + 1);
    const shrink = 1 - (decoupled === 'absolute' ? 1 : learningRate) * weightDecay;
    const decayed: Target[] = [];
    const exempt: Target[] = [];
    for (const update of updates) {
      const {variable: parameter} = update;
      const slots = ADAM.slots.map(slot => this.slots.get(parameter, slot));
      const gradient = denseGradient(update);
      if (gradient === null) continue;
      (this.excluded.matches(parameter.name) ? exempt : decayed).push({parameter, gradient, slots});
    }
    applyRule(ADAM, decayed, {...constants, shrink});
    applyRule(ADAM, exempt, constants);
  }

  override getConfig(): tf.serialization.ConfigDict {
    return {
      learningRate: this.learningRate,
      ...this.args,
      excludeFromDecay: this.excluded.toConfig() as never,
    };
  }
}

/** Makes an `AdamW`. */
export const adamW = (learningRate: number, args?: AdamWArgs): AdamW =>
  withKnownOptions(new AdamW(learningRate, args), args);

tf.serialization.registerClass(AdamW);
