import * as tf from '@tensorflow/tfjs-core';

import {check, checkInteger, checkOneOf, checkRange} from '../internal/check.js';
import type {Update} from '../internal/gradients.js';
import {withKnownOptions} from '../internal/known_options.js';
import {type AnyVariable, Exchange, variablesOf} from '../internal/optimizers/exchange.js';
import type {Counters} from '../internal/optimizers/optimizer.js';
import {liveVariable} from '../internal/optimizers/updates.js';
import {WrapperOptimizer} from '../internal/optimizers/wrapper.js';

const KINDS = ['ema', 'swa'] as const;
const STARTS = ['zeros', 'initial', 'first'] as const;

export interface AverageWeightsArgs {
  /** `'ema'`, an exponential moving average, or `'swa'`, the mean of snapshots. Defaults to `'ema'`. */
  kind?: (typeof KINDS)[number];
  /** μ of the moving average, in [0, 1). Defaults to 0.999. Only for `'ema'`. */
  decay?: number;
  /**
   * Where the moving average begins: at 0, divided by 1 − μᵗ when read (`'zeros'`, bert4keras); at the weights
   * before the first step (`'initial'`, TensorFlow Addons); at those after it (`'first'`, Keras 3 and torch).
   * Defaults to `'zeros'`. Only for `'ema'`.
   */
  start?: (typeof STARTS)[number];
  /** First step, counted from 1, after which a snapshot is taken. Defaults to 1. Only for `'swa'`. */
  startStep?: number;
  /** Steps between snapshots. Defaults to 1. Only for `'swa'`. */
  period?: number;
  /** Every so many steps the average overwrites the weights; 0 for never. Defaults to 0. */
  overwriteEvery?: number;
}

/**
 * Keeps an average of the weights beside them, usually better on unseen data than the last weights.
 *
 *   ema:  φ ← μ φ + (1 − μ) θ after every step;   swa:  φ ← mean of θ after steps s, s + p, s + 2p, …
 *
 * Training goes on with θ. `swap()` puts φ into the variables for evaluation or export, `restore()` brings θ back.
 * Before the first snapshot of swa, φ is θ as it was before training. Batch normalisation needs its statistics
 * recomputed under φ: run a few batches with `training: true` after `swap()`.
 *
 * State per variable: `average`, of its shape. Memory: +1 × parameters.
 *
 * ```ts
 * const optimizer = tfa.train.averageWeights(tf.train.adam(1e-3), {decay: 0.99});
 * const x = tf.variable(tf.scalar(1));
 * for (let i = 0; i < 10; i++) optimizer.minimize(() => tf.square(x));
 * optimizer.swap();
 * // evaluate or save here
 * optimizer.restore();
 * ```
 *
 * Reference: Polyak & Juditsky 1992; Izmailov et al. 2018, arXiv:1803.05407, for swa.
 */
export class AverageWeights extends WrapperOptimizer {
  static readonly className: string = 'AverageWeights';

  private readonly args: Required<AverageWeightsArgs>;
  private readonly exchange = new Exchange('AverageWeights', 'restore');
  private snapshots = 0;

  constructor(
    inner: tf.Optimizer,
    {
      kind = 'ema',
      decay = 0.999,
      start = 'zeros',
      startStep = 1,
      period = 1,
      overwriteEvery = 0,
    }: AverageWeightsArgs = {},
  ) {
    super(inner);
    checkOneOf(kind, KINDS, 'AverageWeights', 'kind');
    checkRange(decay, 'AverageWeights', 'decay', [0, 1], {high: true});
    checkOneOf(start, STARTS, 'AverageWeights', 'start');
    checkInteger(startStep, 'AverageWeights', 'startStep');
    checkInteger(period, 'AverageWeights', 'period');
    checkInteger(overwriteEvery, 'AverageWeights', 'overwriteEvery', 0);
    this.args = {kind, decay, start, startStep, period, overwriteEvery};
  }

  protected step(updates: readonly Update[]): void {
    this.exchange.checkInactive();
    const {overwriteEvery} = this.args;
    for (const {variable} of updates) {
      if (this.slots.find(variable, 'average') === undefined) {
        this.slots.set(variable, 'average', tf.mul(variable, this.share));
      }
    }
    this.core.update(updates);
    const step = this.iterations + 1;
    if (this.takesSnapshot(step)) this.include(this.variables());
    if (overwriteEvery > 0 && step % overwriteEvery === 0) {
      for (const variable of this.variables()) {
        if (variable.trainable) variable.assign(this.averageOf(variable));
      }
    }
  }

  private takesSnapshot(step: number): boolean {
    const {kind, startStep, period} = this.args;
    return kind === 'ema' || (step >= startStep && (step - startStep) % period === 0);
  }

  /** φ ← φ + weight (θ − φ), where the weight of a mean of n is 1 / n. */
  private include(variables: readonly tf.Variable[]): void {
    const {kind, decay, start} = this.args;
    this.snapshots++;
    const replaces = this.snapshots === 1 && (kind === 'swa' || start === 'first');
    const weight = replaces ? 1 : kind === 'swa' ? 1 / this.snapshots : 1 - decay;
    for (const variable of variables) {
      const average = this.slots.get(variable, 'average');
      average.assign(weight === 1 ? variable : tf.add(average, tf.mul(tf.sub(variable, average), weight)));
    }
  }

  /** Puts the averages into the variables. After loading and before a step, pass `model.trainableWeights`. */
  swap(variables?: readonly AnyVariable[]): void {
    if (variables) this.slots.claim(variablesOf(variables));
    const live = this.variables();
    check(
      live.length > 0,
      'AverageWeights',
      'a step before swap()',
      'no averages',
      'After loading: swap(model.trainableWeights).',
    );
    tf.tidy(() => this.exchange.swap(live.map(variable => ({variable, value: this.averageOf(variable)}))));
  }

  /** Puts the training weights back. */
  restore(): void {
    this.exchange.restore();
  }

  private variables(): tf.Variable[] {
    return this.slots.names().map(name => liveVariable(name, 'AverageWeights'));
  }

  /** What the weights in the average sum up to: 1, or 1 − μᵗ where it began at 0. */
  private get share(): number {
    const {kind, start, decay} = this.args;
    return kind === 'ema' && start === 'zeros' ? 1 - decay ** this.snapshots : 1;
  }

  private averageOf(variable: tf.Variable): tf.Tensor {
    return tf.div(this.slots.get(variable, 'average'), this.share);
  }

  protected override counters(): Counters {
    return {snapshots: this.snapshots};
  }

  protected override restoreCounters({snapshots}: Counters): void {
    this.snapshots = snapshots;
  }

  override reset(): void {
    super.reset();
    this.snapshots = 0;
  }

  override dispose(): void {
    this.exchange.dispose();
    super.dispose();
  }

  override getConfig(): tf.serialization.ConfigDict {
    return {...super.getConfig(), ...this.args};
  }
}

/** Makes an `AverageWeights`. */
export const averageWeights = (inner: tf.Optimizer, args?: AverageWeightsArgs): AverageWeights =>
  withKnownOptions(new AverageWeights(inner, args), args);

tf.serialization.registerClass(AverageWeights);
