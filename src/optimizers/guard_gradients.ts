import * as tf from '@tensorflow/tfjs-core';

import {checkOneOf} from '../internal/check.js';
import type {Update} from '../internal/gradients.js';
import {withKnownOptions} from '../internal/known_options.js';
import {gradientValues, mapGradient} from '../internal/optimizers/updates.js';
import {WrapperOptimizer} from '../internal/optimizers/wrapper.js';
import type {NamedTensor} from '../internal/tfjs_types.js';

const POLICIES = ['skip', 'throw', 'pass'] as const;

export interface GuardGradientsArgs {
  /**
   * What a step with NaN or infinite gradients does: nothing (`'skip'`), throw an error that names the variables
   * (`'throw'`), or go on and be counted (`'pass'`). Defaults to `'skip'`.
   */
  policy?: (typeof POLICIES)[number];
}

/**
 * Stops NaN and infinite gradients, and counts the steps that had any: `await optimizer.badSteps()`.
 *
 * On webgpu and webgl, where looking at the values would wait for the device, `'skip'` gives the inner optimizer
 * gradients of 0 for that step, and `'throw'` does the same and throws in one of the next steps.
 *
 * State: the count, one scalar.
 *
 * ```ts
 * const optimizer = tfa.train.guardGradients(tf.train.sgd(0.1));
 * const x = tf.variable(tf.scalar(0));
 * optimizer.minimize(() => tf.sqrt(x)); // the gradient is infinite, x stays 0
 * ```
 */
export class GuardGradients extends WrapperOptimizer {
  static readonly className: string = 'GuardGradients';

  readonly policy: (typeof POLICIES)[number];
  private late: string | undefined;
  private reading: Promise<unknown> = Promise.resolve();

  constructor(inner: tf.Optimizer, {policy = 'skip'}: GuardGradientsArgs = {}) {
    super(inner);
    checkOneOf(policy, POLICIES, 'GuardGradients', 'policy');
    this.policy = policy;
  }

  /** How many steps so far had a gradient that was not finite. */
  async badSteps(): Promise<number> {
    await this.reading;
    return (await this.slots.shared('bad', 0).data())[0];
  }

  protected step(updates: readonly Update[]): void {
    if (this.late !== undefined) throw new RangeError(this.late);
    const present = updates.filter(({gradient}) => gradient !== null);
    const finite = present.map(({gradient}) => allFinite(gradientValues(gradient!)));
    const all = finite.length === 0 ? tf.scalar(1) : tf.min(tf.stack(finite));
    const count = this.slots.shared('bad', 0);
    count.assign(tf.sub(tf.add(count, 1), all));
    if (this.policy === 'pass') this.core.update(updates);
    else if (READABLE.includes(tf.getBackend())) this.stepNow(updates, present, finite, all);
    else this.stepBlindly(updates, all);
  }

  private stepNow(updates: readonly Update[], present: readonly Update[], finite: tf.Tensor[], all: tf.Tensor): void {
    if (all.dataSync()[0] === 1) this.core.update(updates);
    else if (this.policy === 'throw') {
      const names = present.filter((_, i) => finite[i].dataSync()[0] === 0).map(({variable}) => variable.name);
      throw new RangeError(this.message(`those of ${names.join(', ')}`));
    }
  }

  /** Without waiting for the values: gradients of 0 where any is not finite. */
  private stepBlindly(updates: readonly Update[], all: tf.Tensor): void {
    if (this.policy === 'throw') this.remember(tf.keep(tf.clone(all)));
    const clean = updates.map(({variable, gradient}) => ({
      variable,
      gradient: mapGradient(gradient, g => tf.where(tf.greater(tf.add(tf.zerosLike(g), all), 0), g, tf.zerosLike(g))),
    }));
    this.core.update(clean);
  }

  private remember(all: tf.Tensor): void {
    const message = this.message('some that are not');
    const read = all.data().then(([ok]) => {
      if (ok === 0) this.late ??= message;
      all.dispose();
    });
    this.reading = Promise.all([this.reading, read]);
  }

  override async saveState(prefix: string): Promise<NamedTensor[]> {
    await this.reading;
    return super.saveState(prefix);
  }

  private message = (received: string): string =>
    `GuardGradients: expected finite gradients in step ${this.iterations + 1}, received ${received}.`;

  override getConfig(): tf.serialization.ConfigDict {
    return {...super.getConfig(), policy: this.policy};
  }
}

/** Backends whose values can be read at once. */
const READABLE: readonly string[] = ['cpu', 'wasm', 'tensorflow'];
const LARGEST = 3.4e38;

/** 1 where every element is finite, else 0; a comparison with NaN is false. */
const allFinite = (x: tf.Tensor): tf.Tensor => tf.min(tf.cast(tf.lessEqual(tf.abs(x), LARGEST), 'float32'));

/** Makes a `GuardGradients`. */
export const guardGradients = (inner: tf.Optimizer, args?: GuardGradientsArgs): GuardGradients =>
  withKnownOptions(new GuardGradients(inner, args), args);

tf.serialization.registerClass(GuardGradients);
