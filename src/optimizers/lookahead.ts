import * as tf from '@tensorflow/tfjs-core';

import {check, checkInteger, checkOneOf, checkRange} from '../internal/check.js';
import type {Update} from '../internal/gradients.js';
import {withKnownOptions} from '../internal/known_options.js';
import {type AnyVariable, Exchange, variablesOf} from '../internal/optimizers/exchange.js';
import type {Counters} from '../internal/optimizers/optimizer.js';
import {liveVariable} from '../internal/optimizers/updates.js';
import {WrapperOptimizer} from '../internal/optimizers/wrapper.js';

const INNER_STATES = ['maintain', 'reset', 'pullback'] as const;

export interface LookaheadArgs {
  /** Fast steps k ≥ 1 between two synchronisations. Defaults to 5. */
  syncPeriod?: number;
  /** Fraction α of the way from slow to fast weights, in (0, 1]. Defaults to 0.5. */
  slowStepSize?: number;
  /**
   * What a synchronisation does to the inner optimizer's state: it stays (`'maintain'`), starts anew with its
   * iteration count (`'reset'`), or its momenta are drawn to what they were at the synchronisation before
   * (`'pullback'`: m ← α m + (1 − α) m_before). Defaults to `'maintain'`.
   */
  innerState?: (typeof INNER_STATES)[number];
}

/**
 * Lookahead around any optimizer: fast weights explore, slow weights follow.
 *
 *   Every step:      θ ← inner(θ, g)
 *   Every k-th step: φ ← φ + α (θ − φ);  θ ← φ
 *
 * All variables synchronise in the same step, also those without a gradient in it and those that came late. A frozen
 * one keeps its value, which φ takes.
 * Between two synchronisations θ has run ahead: evaluate and export φ, with `swapToSlow()` before and
 * `restoreFast()` after, or `synchronize()` at the end of training.
 *
 * State per variable: `slow` = φ, of its shape, equal to θ before its first step; with `'pullback'` also a copy of
 * each momentum. Memory: +1 × parameters. A synchronisation reads and writes all of θ and φ, of embedding
 * tables too.
 *
 * ```ts
 * const optimizer = tfa.train.lookahead(tf.train.adam(1e-3), {syncPeriod: 5});
 * const x = tf.variable(tf.scalar(3));
 * for (let i = 0; i < 7; i++) optimizer.minimize(() => tf.square(x));
 * optimizer.synchronize();
 * ```
 *
 * Reference: Zhang et al. 2019, "Lookahead Optimizer: k steps forward, 1 step back", arXiv:1907.08610.
 */
export class Lookahead extends WrapperOptimizer {
  static readonly className: string = 'Lookahead';

  readonly syncPeriod: number;
  readonly slowStepSize: number;
  readonly innerState: (typeof INNER_STATES)[number];
  private readonly exchange = new Exchange('Lookahead', 'restoreFast');
  private sinceSync = 0;

  constructor(inner: tf.Optimizer, {syncPeriod = 5, slowStepSize = 0.5, innerState = 'maintain'}: LookaheadArgs = {}) {
    super(inner);
    checkInteger(syncPeriod, 'Lookahead', 'syncPeriod');
    checkRange(slowStepSize, 'Lookahead', 'slowStepSize', [0, 1], {low: true});
    checkOneOf(innerState, INNER_STATES, 'Lookahead', 'innerState');
    this.syncPeriod = syncPeriod;
    this.slowStepSize = slowStepSize;
    this.innerState = innerState;
  }

  protected step(updates: readonly Update[]): void {
    this.exchange.checkInactive();
    for (const {variable} of updates) this.slots.get(variable, 'slow', {fill: 'variable'});
    this.core.update(updates);
    this.sinceSync++;
    if (this.sinceSync === this.syncPeriod) this.synchronize();
  }

  /** Synchronises now, in the middle of a period too; the next period begins. */
  synchronize(): void {
    this.exchange.checkInactive();
    tf.tidy(() => {
      for (const fast of this.variables()) {
        const slow = this.slots.get(fast, 'slow');
        if (fast.trainable) {
          slow.assign(tf.add(slow, tf.mul(tf.sub(fast, slow), this.slowStepSize)));
          fast.assign(slow);
        } else slow.assign(fast);
      }
      if (this.innerState === 'reset') this.core.reset();
      if (this.innerState === 'pullback') this.pullBack();
    });
    this.sinceSync = 0;
  }

  /** m ← α m + (1 − α) m_before, which was 0 before the first synchronisation. */
  private pullBack(): void {
    for (const {slot, variable, tensor: momentum} of this.core.momenta()) {
      const owner = liveVariable(variable, 'Lookahead');
      const before = this.slots.get(owner, `before-${slot}`);
      momentum.assign(tf.add(tf.mul(momentum, this.slowStepSize), tf.mul(before, 1 - this.slowStepSize)));
      before.assign(momentum);
    }
  }

  /** Puts the slow weights into the variables. After loading and before a step, pass `model.trainableWeights`. */
  swapToSlow(variables?: readonly AnyVariable[]): void {
    if (variables) this.slots.claim(variablesOf(variables));
    const live = this.variables();
    const hint = 'After loading: swapToSlow(model.trainableWeights).';
    check(live.length > 0, 'Lookahead', 'a step before swapToSlow()', 'no slow weights', hint);
    this.exchange.swap(live.map(variable => ({variable, value: this.slots.get(variable, 'slow')})));
  }

  /** Puts the fast weights back. */
  restoreFast(): void {
    this.exchange.restore();
  }

  private variables(): tf.Variable[] {
    return this.slots.names().map(name => liveVariable(name, 'Lookahead'));
  }

  protected override counters(): Counters {
    return {sinceSync: this.sinceSync};
  }

  protected override restoreCounters({sinceSync}: Counters): void {
    this.sinceSync = sinceSync;
  }

  override reset(): void {
    super.reset();
    this.sinceSync = 0;
  }

  override dispose(): void {
    this.exchange.dispose();
    super.dispose();
  }

  override getConfig(): tf.serialization.ConfigDict {
    const {syncPeriod, slowStepSize, innerState} = this;
    return {...super.getConfig(), syncPeriod, slowStepSize, innerState};
  }
}

/** Makes a `Lookahead`. */
export const lookahead = (inner: tf.Optimizer, args?: LookaheadArgs): Lookahead =>
  withKnownOptions(new Lookahead(inner, args), args);

tf.serialization.registerClass(Lookahead);
