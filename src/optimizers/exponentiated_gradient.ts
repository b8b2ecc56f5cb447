import * as tf from '@tensorflow/tfjs-core';

import {check, checkOneOf, checkRange} from '../internal/check.js';
import type {Update} from '../internal/gradients.js';
import {withKnownOptions} from '../internal/known_options.js';
import {AddonsOptimizer} from '../internal/optimizers/optimizer.js';
import {denseGradient} from '../internal/optimizers/updates.js';

const DOMAINS = ['nonNegative', 'simplex', 'signed'] as const;

export interface ExponentiatedGradientArgs {
  /** Where the weights live. Defaults to `'nonNegative'`. */
  domain?: (typeof DOMAINS)[number];
  /** Axis along which weights share their total. Defaults to −1. */
  axis?: number;
  /** Sum of the weights of `'simplex'`, of both signs together of `'signed'`. Defaults to 1; for `'signed'` to none. */
  total?: number;
  /** Width β > 0 of `'signed'` around 0, where it is linear. Defaults to 1. */
  width?: number;
}

/**
 * Multiplicative updates, by exponentiated gradients; log weights are the state, so nothing sticks at 0.
 *
 *   nonNegative:  log w ← log w − η g
 *   simplex:      log w ← log w − η g, then w ← total · softmax(log w) along `axis`
 *   signed:       w = w⁺ − w⁻;  log w⁺ ← log w⁺ − η g,  log w⁻ ← log w⁻ + η g;
 *                 with `total`, both together are scaled to it along `axis`
 *
 * For mixture weights, attention over experts, sparse linear models. Start with positive weights (`nonNegative`,
 * `simplex`): values at or below 1e-30 begin there. `signed` begins with w⁺ w⁻ = β²/4, so any start will do, and
 * without `total` it is w = β sinh x with x ← x − η g.
 *
 * A weight that was written to between steps, by a wrapper for instance, begins anew from its value.
 *
 * State per variable: `log`, for `signed` `positive` and `negative`, of its shape.
 *
 * ```ts
 * const optimizer = tfa.train.exponentiatedGradient(0.3, {domain: 'simplex'});
 * const mixture = tf.variable(tf.tensor1d([0.25, 0.25, 0.5]));
 * optimizer.minimize(() => tf.sum(tf.mul(mixture, [3, 1, 2])));
 * ```
 *
 * Reference: Kivinen & Warmuth 1997; Ghai et al. 2020, arXiv:1902.01903, for w = β sinh x.
 */
export class ExponentiatedGradient extends AddonsOptimizer {
  static readonly className: string = 'ExponentiatedGradient';

  private readonly args: {domain: (typeof DOMAINS)[number]; axis: number; total?: number; width: number};

  constructor(
    public learningRate: number,
    {domain = 'nonNegative', axis = -1, total, width = 1}: ExponentiatedGradientArgs = {},
  ) {
    super();
    checkRange(learningRate, 'ExponentiatedGradient', 'learningRate', [0, Infinity], {high: true});
    checkOneOf(domain, DOMAINS, 'ExponentiatedGradient', 'domain');
    check(Number.isInteger(axis), 'ExponentiatedGradient', 'axis to be an integer', axis);
    checkRange(width, 'ExponentiatedGradient', 'width', [0, Infinity], {low: true, high: true});
    const wanted = total ?? (domain === 'simplex' ? 1 : undefined);
    if (wanted !== undefined) {
      checkRange(wanted, 'ExponentiatedGradient', 'total', [0, Infinity], {low: true, high: true});
    }
    this.args = {domain, axis, width, ...(wanted === undefined ? {} : {total: wanted})};
  }

  protected step(updates: readonly Update[]): void {
    for (const update of updates) {
      const {variable} = update;
      const gradient = denseGradient(update);
      const exponent = tf.mul(gradient ?? 0, this.learningRate);
      const moves = gradient !== null;
      if (this.args.domain === 'signed') this.moveSigned(variable, exponent, moves);
      else this.moveLog(variable, exponent, moves);
    }
  }

  private moveLog(variable: tf.Variable, exponent: tf.Tensor, moves: boolean): void {
    const {domain, axis, total = 1} = this.args;
    const initial = tf.log(tf.maximum(variable, SMALLEST));
    const log = this.state(variable, 'log', initial);
    if (!moves) return;
    const moved = tf.sub(tf.where(tf.equal(variable, weight(log)), log, initial), exponent);
    const along = domain === 'simplex' ? tf.sub(tf.logSumExp(moved, axis, true), Math.log(total)) : tf.scalar(0);
    log.assign(tf.sub(moved, along));
    variable.assign(weight(log));
  }

  private moveSigned(variable: tf.Variable, exponent: tf.Tensor, moves: boolean): void {
    const {axis, total, width} = this.args;
    const half = Math.log(width / 2);
    const x = tf.asinh(tf.div(variable, width));
    const [initialPlus, initialMinus] = [tf.add(half, x), tf.sub(half, x)];
    const positive = this.state(variable, 'positive', initialPlus);
    const negative = this.state(variable, 'negative', initialMinus);
    if (!moves) return;
    const known = tf.equal(variable, tf.sub(weight(positive), weight(negative)));
    const plus = tf.sub(tf.where(known, positive, initialPlus), exponent);
    const minus = tf.add(tf.where(known, negative, initialMinus), exponent);
    const excess =
      total === undefined
        ? tf.scalar(0)
        : tf.sub(tf.logSumExp(tf.concat([plus, minus], axis), axis, true), Math.log(total));
    positive.assign(tf.sub(plus, excess));
    negative.assign(tf.sub(minus, excess));
    variable.assign(tf.sub(weight(positive), weight(negative)));
  }

  private state(variable: tf.Variable, slot: string, initial: tf.Tensor): tf.Variable {
    if (this.slots.find(variable, slot) === undefined) this.slots.set(variable, slot, initial);
    return this.slots.get(variable, slot);
  }

  override getConfig(): tf.serialization.ConfigDict {
    return {learningRate: this.learningRate, ...this.args};
  }
}

/** Where a weight of 0 begins, and the logarithm of the largest weight that float32 holds with room to spare. */
const SMALLEST = 1e-30;
const LARGEST_LOG = 80;

const weight = (log: tf.Tensor): tf.Tensor => tf.exp(tf.minimum(log, LARGEST_LOG));

/** Makes an `ExponentiatedGradient`. */
export const exponentiatedGradient = (learningRate: number, args?: ExponentiatedGradientArgs): ExponentiatedGradient =>
  withKnownOptions(new ExponentiatedGradient(learningRate, args), args);

tf.serialization.registerClass(ExponentiatedGradient);
