import * as tf from '@tensorflow/tfjs-core';

import {checkInteger, checkOneOf} from '../internal/check.js';
import type {Gradient, RowGradient, Update} from '../internal/gradients.js';
import {withKnownOptions} from '../internal/known_options.js';
import type {Counters} from '../internal/optimizers/optimizer.js';
import {denseGradient, liveVariable, mapGradient} from '../internal/optimizers/updates.js';
import {WrapperOptimizer} from '../internal/optimizers/wrapper.js';
import {concatRows, isRowGradient} from '../internal/row_gradient.js';

const REDUCTIONS = ['mean', 'sum'] as const;

export interface AccumulateGradientsArgs {
  /** Mini-steps k ≥ 1 per update. */
  steps: number;
  /** What the inner optimizer gets of k gradients: their `'mean'` or `'sum'`. Defaults to `'mean'`. */
  reduction?: (typeof REDUCTIONS)[number];
}

/**
 * Lets the inner optimizer take one step for k mini-steps, with the mean of their gradients: the step of a batch k
 * times as large, in the memory of a small one.
 *
 * Parameters move at mini-steps k, 2k, …; between them they stay. Whatever is inside (bias corrections, schedules)
 * counts updates. `flush()` applies an incomplete group, `drop()` forgets it.
 *
 * State per variable: the sum of the group's gradients, +1 × parameters; of a lazy embedding, its touched rows.
 *
 * ```ts
 * const optimizer = tfa.train.accumulateGradients(tf.train.adam(1e-3), {steps: 4});
 * const x = tf.variable(tf.scalar(1));
 * for (let i = 0; i < 4; i++) optimizer.minimize(() => tf.square(x)); // x moves once
 * ```
 *
 * Reference: optax `MultiSteps`.
 */
export class AccumulateGradients extends WrapperOptimizer {
  static readonly className: string = 'AccumulateGradients';

  readonly steps: number;
  readonly reduction: (typeof REDUCTIONS)[number];
  private held = 0;

  constructor(inner: tf.Optimizer, {steps, reduction = 'mean'}: AccumulateGradientsArgs) {
    super(inner);
    checkInteger(steps, 'AccumulateGradients', 'steps');
    checkOneOf(reduction, REDUCTIONS, 'AccumulateGradients', 'reduction');
    this.steps = steps;
    this.reduction = reduction;
  }

  protected step(updates: readonly Update[]): void {
    for (const update of updates) this.add(update);
    this.held++;
    if (this.held === this.steps) this.release();
  }

  /** Applies the gradients of an incomplete group, as after the last batch; nothing where there are none. */
  flush(): void {
    if (this.held > 0) tf.tidy(() => this.release());
  }

  /** Forgets the gradients of an incomplete group. */
  drop(): void {
    for (const name of this.slots.names()) this.clear(liveVariable(name, 'AccumulateGradients'));
    this.held = 0;
  }

  private add(update: Update): void {
    const {variable, gradient} = update;
    this.slots.get(variable, 'member', {shape: []}); // keeps the order of variables without a gradient
    if (gradient === null) return;
    const sum = this.slots.find(variable, 'sum');
    if (isRowGradient(gradient) && sum === undefined) {
      const {ids, rows} = concatRows([...this.heldRows(variable), gradient]);
      this.slots.set(variable, 'ids', ids);
      this.slots.set(variable, 'rows', rows);
    } else {
      const dense = denseGradient(update)!;
      this.slots.set(variable, 'sum', tf.add(dense, sum ?? this.takeRows(variable)));
    }
  }

  private heldRows(variable: tf.Variable): RowGradient[] {
    const ids = this.slots.find(variable, 'ids') as tf.Tensor1D | undefined;
    const rows = this.slots.find(variable, 'rows') as tf.Tensor2D | undefined;
    return ids !== undefined && rows !== undefined ? [{ids, rows, distinct: false}] : [];
  }

  /** The rows held so far as a dense gradient, which replaces them. */
  private takeRows(variable: tf.Variable): tf.Tensor {
    const [gradient] = this.heldRows(variable);
    if (gradient === undefined) return tf.scalar(0);
    const dense = denseGradient({variable, gradient})!;
    this.clear(variable);
    return dense;
  }

  /** Hands the group to the inner optimizer. */
  private release(): void {
    const factor = this.reduction === 'mean' ? 1 / this.held : 1;
    const updates = this.slots.names().map(name => {
      const variable = liveVariable(name, 'AccumulateGradients');
      const held: Gradient = this.slots.find(variable, 'sum') ?? this.heldRows(variable)[0] ?? null;
      const gradient = variable.trainable ? held : null; // it may have been frozen since
      return {variable, gradient: mapGradient(gradient, g => tf.mul(g, factor))};
    });
    this.core.update(updates);
    this.drop();
  }

  private clear(variable: tf.Variable): void {
    for (const slot of ['sum', 'ids', 'rows']) this.slots.remove(variable, slot);
  }

  protected override counters(): Counters {
    return {held: this.held};
  }

  protected override restoreCounters({held}: Counters): void {
    this.held = held;
  }

  override reset(): void {
    super.reset();
    this.held = 0;
  }

  override getConfig(): tf.serialization.ConfigDict {
    return {...super.getConfig(), steps: this.steps, reduction: this.reduction};
  }
}

/** Makes an `AccumulateGradients`. */
export const accumulateGradients = (inner: tf.Optimizer, args: AccumulateGradientsArgs): AccumulateGradients =>
  withKnownOptions(new AccumulateGradients(inner, args), args);

tf.serialization.registerClass(AccumulateGradients);
