import {Callback} from '@tensorflow/tfjs-layers';

import {check, checkOneOf} from '../internal/check.js';
import {checkOptions} from '../internal/known_options.js';
import {learningRateOf, setLearningRateOf} from '../internal/optimizers/learning_rate.js';
import {type ScheduleFunction, type ScheduleShape, scheduleFunction} from '../internal/optimizers/schedule_shapes.js';

const UNITS = ['epoch', 'batch'] as const;

export interface LearningRateSchedulerArgs {
  /** A shape, or a function of the 0-based epoch or batch that gives the factor of the learning rate. */
  schedule: ScheduleShape | ScheduleFunction;
  /** What the schedule counts. Defaults to `'epoch'`. */
  unit?: (typeof UNITS)[number];
}

/**
 * Multiplies the learning rate of any optimizer, also tfjs's own, while `fit` runs; afterwards it is what it was.
 *
 * The counter begins at 0 in every `fit`. `train.schedule` is the wrapper whose counter is saved with the model.
 *
 * ```ts
 * const model = tf.sequential({layers: [tf.layers.dense({units: 1, inputShape: [3]})]});
 * model.compile({optimizer: tf.train.sgd(0.1), loss: 'meanSquaredError'});
 * const halve = tfa.callbacks.learningRateScheduler({schedule: epoch => 0.5 ** epoch});
 * await model.fit(tf.ones([8, 3]), tf.zeros([8, 1]), {epochs: 3, verbose: 0, callbacks: halve});
 * ```
 */
export class LearningRateScheduler extends Callback {
  private readonly factor: ScheduleFunction;
  private readonly unit: (typeof UNITS)[number];
  private rate = 0;
  private count = 0;

  constructor(args: LearningRateSchedulerArgs) {
    super();
    checkOptions(args, {schedule: true, unit: true}, 'LearningRateScheduler');
    const {schedule, unit = 'epoch'} = args;
    checkOneOf(unit, UNITS, 'LearningRateScheduler', 'unit');
    this.unit = unit;
    this.factor = typeof schedule === 'function' ? schedule : scheduleFunction(schedule, 'LearningRateScheduler');
  }

  override async onTrainBegin(): Promise<void> {
    this.rate = learningRateOf(this.optimizer);
    this.count = 0;
  }

  override async onEpochBegin(): Promise<void> {
    if (this.unit === 'epoch') this.advance();
  }

  override async onBatchBegin(): Promise<void> {
    if (this.unit === 'batch') this.advance();
  }

  override async onTrainEnd(): Promise<void> {
    setLearningRateOf(this.optimizer, this.rate);
  }

  private advance(): void {
    const factor = this.factor(this.count++);
    check(Number.isFinite(factor), 'LearningRateScheduler', 'a finite factor from the schedule', factor);
    setLearningRateOf(this.optimizer, this.rate * factor);
  }

  private get optimizer() {
    return (this.model as unknown as {optimizer: Parameters<typeof learningRateOf>[0]}).optimizer;
  }
}

/** Makes a `LearningRateScheduler`. */
export const learningRateScheduler = (args: LearningRateSchedulerArgs): LearningRateScheduler =>
  new LearningRateScheduler(args);
