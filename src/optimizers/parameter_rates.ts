import * as tf from '@tensorflow/tfjs-core';

import {check} from '../internal/check.js';
import type {Update} from '../internal/gradients.js';
import {withKnownOptions} from '../internal/known_options.js';
import {changeStep} from '../internal/optimizers/change.js';
import {type NamePattern, NamePatterns} from '../internal/optimizers/name_patterns.js';
import {WrapperOptimizer} from '../internal/optimizers/wrapper.js';

export interface ParameterRate {
  /** Pattern searched in the variable's name. */
  name: NamePattern;
  /** Factor of the change of every variable that the pattern finds. */
  factor: number;
}

export interface ParameterRatesArgs {
  /** The factors; where several patterns find a variable they multiply. */
  rates: readonly ParameterRate[];
}

/**
 * Gives groups of variables their own learning rate.
 *
 *   θ ← θ + c (inner(θ, g) − θ),   c = product of the factors whose pattern finds the variable's name
 *
 * For a pretrained body under a new head, or decaying rates from layer to layer. It scales the change, so it works
 * with Adam, whose step does not depend on the gradient's size. A factor of 0 freezes. No state.
 *
 * ```ts
 * const optimizer = tfa.train.parameterRates(tf.train.adam(1e-3), {
 *   rates: [{name: 'embedding', factor: 0.1}, {name: /^head/, factor: 10}],
 * });
 * ```
 *
 * Reference: bert4keras `extend_with_parameter_wise_lr`, whose keys are substrings.
 */
export class ParameterRates extends WrapperOptimizer {
  static readonly className: string = 'ParameterRates';

  private readonly rates: {pattern: NamePatterns; factor: number}[];

  constructor(inner: tf.Optimizer, {rates}: ParameterRatesArgs) {
    super(inner);
    check(Array.isArray(rates), 'ParameterRates', 'rates to be a list of {name, factor}', rates);
    this.rates = rates.map(({name, factor}) => {
      check(Number.isFinite(factor), 'ParameterRates', 'factor to be a finite number', factor);
      return {pattern: new NamePatterns([name], 'ParameterRates', 'name'), factor};
    });
  }

  protected step(updates: readonly Update[]): void {
    const chosen = updates.filter(({variable}) => this.factorOf(variable.name) !== 1);
    changeStep(this.core, updates, chosen, (before, after, {variable}) =>
      tf.add(before, tf.mul(tf.sub(after, before), this.factorOf(variable.name))),
    );
  }

  private factorOf(name: string): number {
    return this.rates.reduce((product, {pattern, factor}) => (pattern.matches(name) ? product * factor : product), 1);
  }

  override getConfig(): tf.serialization.ConfigDict {
    const rates = this.rates.map(({pattern, factor}) => ({name: patternConfig(pattern), factor}));
    return {...super.getConfig(), rates: rates as never};
  }
}

/** `{name: source}`: below the key `name` tfjs leaves only strings alone. */
const patternConfig = (pattern: NamePatterns) => pattern.toConfig()[0];

/** Makes a `ParameterRates`. */
export const parameterRates = (inner: tf.Optimizer, args: ParameterRatesArgs): ParameterRates =>
  withKnownOptions(new ParameterRates(inner, args), args);

tf.serialization.registerClass(ParameterRates);
