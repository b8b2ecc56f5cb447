import * as tf from '@tensorflow/tfjs-core';

import {checkOneOf, checkRange} from '../internal/check.js';
import type {Update} from '../internal/gradients.js';
import {withKnownOptions} from '../internal/known_options.js';
import {type NamePattern, NamePatterns} from '../internal/optimizers/name_patterns.js';
import {AddonsOptimizer} from '../internal/optimizers/optimizer.js';
import {touchedRows} from '../internal/optimizers/updates.js';
import {isRowGradient} from '../internal/row_gradient.js';
import {ADAM, adamConstants, EPSILON_MODES, type EpsilonMode} from '../internal/updates/adam.js';
import {applyMasked, applyRowRule} from '../internal/updates/row_rule.js';
import {applyRule, type Target} from '../internal/updates/rule.js';

export interface LazyAdamArgs {
  /** Decay β₁ of the first moment, in [0, 1). Defaults to 0.9. */
  beta1?: number;
  /** Decay β₂ of the second moment, in [0, 1). Defaults to 0.999. */
  beta2?: number;
  /** ε > 0 of the denominator. Defaults to 1e-7. */
  epsilon?: number;
  /** `'hat'`, ε beside √v as in TensorFlow Addons and torch, or `'algorithm1'`, m̂/(√v̂ + ε). Defaults to `'hat'`. */
  epsilonMode?: EpsilonMode;
  /** Variables with a dense gradient whose untouched rows are to stay. Defaults to `[/embeddings$/]`. */
  variables?: readonly NamePattern[];
}

/**
 * Adam that leaves the untouched rows of embedding tables alone, their moments included.
 *
 *   r touched:  m_r ← β₁ m_r + (1 − β₁) g_r;  v_r ← β₂ v_r + (1 − β₂) g_r²
 *               θ_r ← θ_r − η √(1 − β₂ᵗ)/(1 − β₁ᵗ) · m_r / (√v_r + ε)
 *
 * t counts all steps. With `layers.lazyEmbedding` a step costs what the touched rows cost, whatever the size of the
 * table. A dense gradient, as of `tf.layers.embedding`, counts a row as touched where any element differs from 0.
 * Other variables get ordinary Adam.
 *
 * State per variable: `m` and `v`, of its shape. Memory: +2 × parameters.
 *
 * ```ts
 * const embedding = tf.layers.embedding({inputDim: 1000, outputDim: 8, inputLength: 4});
 * const model = tf.sequential({layers: [embedding, tf.layers.flatten(), tf.layers.dense({units: 1})]});
 * model.compile({optimizer: tfa.train.lazyAdam(1e-3), loss: 'meanSquaredError'});
 * ```
 *
 * Reference: TensorFlow Addons `LazyAdam`; torch `SparseAdam`.
 */
export class LazyAdam extends AddonsOptimizer {
  static readonly className: string = 'LazyAdam';

  private readonly args: Required<Omit<LazyAdamArgs, 'variables'>>;
  private readonly tables: NamePatterns;

  constructor(
    public learningRate: number,
    {beta1 = 0.9, beta2 = 0.999, epsilon = 1e-7, epsilonMode = 'hat', variables = [/embeddings$/]}: LazyAdamArgs = {},
  ) {
    super();
    checkRange(learningRate, 'LazyAdam', 'learningRate', [0, Infinity], {high: true});
    checkRange(beta1, 'LazyAdam', 'beta1', [0, 1], {high: true});
    checkRange(beta2, 'LazyAdam', 'beta2', [0, 1], {high: true});
    checkRange(epsilon, 'LazyAdam', 'epsilon', [0, Infinity], {low: true, high: true});
    checkOneOf(epsilonMode, EPSILON_MODES, 'LazyAdam', 'epsilonMode');
    this.args = {beta1, beta2, epsilon, epsilonMode};
    this.tables = new NamePatterns(variables, 'LazyAdam', 'variables');
  }

  protected step(updates: readonly Update[]): void {
    const constants = adamConstants({learningRate: this.learningRate, ...this.args}, this.iterations + 1);
    const dense: Target[] = [];
    for (const {variable: parameter, gradient} of updates) {
      const slots = ADAM.slots.map(slot => this.slots.get(parameter, slot));
      if (gradient === null) continue;
      if (isRowGradient(gradient)) applyRowRule(ADAM, {parameter, gradient, slots}, constants);
      else if (parameter.rank < 2 || !this.tables.matches(parameter.name)) dense.push({parameter, gradient, slots});
      else applyMasked(ADAM, {parameter, gradient, slots}, touchedRows(gradient), constants);
    }
    applyRule(ADAM, dense, constants);
  }

  override getConfig(): tf.serialization.ConfigDict {
    return {learningRate: this.learningRate, ...this.args, variables: this.tables.toConfig() as never};
  }
}

/** Makes a `LazyAdam`. */
export const lazyAdam = (learningRate: number, args?: LazyAdamArgs): LazyAdam =>
  withKnownOptions(new LazyAdam(learningRate, args), args);

tf.serialization.registerClass(LazyAdam);
