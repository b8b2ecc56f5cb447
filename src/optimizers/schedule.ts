import * as tf from '@tensorflow/tfjs-core';

import {check} from '../internal/check.js';
import type {Update} from '../internal/gradients.js';
import {type ScheduleFunction, type ScheduleShape, scheduleFunction} from '../internal/optimizers/schedule_shapes.js';
import {WrapperOptimizer} from '../internal/optimizers/wrapper.js';

export type {ScheduleFunction, ScheduleShape};

export interface ScheduleArgs {
  /** A shape, or a function of the 0-based update that gives the factor of the learning rate. */
  schedule: ScheduleShape | ScheduleFunction;
}

/**
 * Multiplies the inner optimizer's learning rate by a factor that depends on the update t = 0, 1, …
 *
 *   η_t = η · schedule(t)
 *
 * Shapes are objects and are saved with the model; a function is not, and saving one with the optimizer throws.
 * `learningRate` remains the η that is multiplied. Inside `accumulateGradients` it counts updates, outside
 * mini-steps; schedules in schedules multiply.
 *
 * With `piecewiseLinear` the rate of the very first update is 0, as in bert4keras, unless 0 is among the points.
 *
 * ```ts
 * const warm = tfa.train.schedule(tfa.train.adamW(2e-5), {kind: 'piecewiseLinear', points: {1000: 1, 20000: 0.1}});
 * const cosine = tfa.train.schedule(tf.train.adam(1e-3), {kind: 'cosine', warmupSteps: 100, decaySteps: 10000});
 * const own = tfa.train.schedule(tf.train.sgd(0.1), step => 1 / Math.sqrt(step + 1));
 * ```
 *
 * Reference: bert4keras `extend_with_piecewise_linear_lr`; optax schedules; Smith & Topin 2018, arXiv:1708.07120,
 * for `oneCycle`.
 */
export class Schedule extends WrapperOptimizer {
  static readonly className: string = 'Schedule';

  private readonly given: ScheduleShape | ScheduleFunction;
  private readonly factor: ScheduleFunction;

  constructor(inner: tf.Optimizer, {schedule}: ScheduleArgs) {
    super(inner);
    this.given = schedule;
    this.factor = typeof schedule === 'function' ? schedule : scheduleFunction(schedule, 'Schedule');
  }

  /** The factor of update t = 0, 1, … */
  factorAt(step: number): number {
    const factor = this.factor(step);
    check(
      Number.isFinite(factor),
      'Schedule',
      'a finite factor from the schedule',
      factor,
      `It was asked for step ${step}.`,
    );
    return factor;
  }

  protected step(updates: readonly Update[]): void {
    const rate = this.learningRate;
    this.learningRate = rate * this.factorAt(this.iterations);
    try {
      this.core.update(updates);
    } finally {
      this.learningRate = rate;
    }
  }

  override getConfig(): tf.serialization.ConfigDict {
    check(
      typeof this.given !== 'function',
      'Schedule',
      'a schedule that can be saved',
      this.given,
      "Use a shape such as {kind: 'linear', decaySteps: 1000}, or save without includeOptimizer.",
    );
    return {...super.getConfig(), schedule: this.given as never};
  }
}

/** Makes a `Schedule` of a shape or a function. */
export const schedule = (inner: tf.Optimizer, schedule: ScheduleShape | ScheduleFunction): Schedule =>
  new Schedule(inner, {schedule});

tf.serialization.registerClass(Schedule);
