import * as tf from '@tensorflow/tfjs-core';

import {check} from '../check.js';
import type {Gradients, Update} from '../gradients.js';
import {gradientsWithRows} from '../row_gradient.js';
import {setUpTfjs} from '../setup.js';
import type {NamedTensor, VariableGradients} from '../tfjs_types.js';
import {type Core, MOMENTA} from './core.js';
import {HostValues} from './host_values.js';
import {SlotStore, type SlotVariable} from './slots.js';
import {denseGradient, disposeUpdates, toUpdates} from './updates.js';

setUpTfjs();

/** Numbers of the host, beside the iteration counter, that a resumed run needs. */
export type Counters = Record<string, number>;

/**
 * What every optimizer of this package shares: slots by variable name, the iteration counter, saving and
 * restoring, gradients as map or list, dense or of rows. A subclass is its `step`.
 *
 * Saved tensors are called `Class/iter`, `Class/counter/<name>`, `Class/<slot>/<variable>` and, for what a
 * wrapper holds, `Class/inner/…`. tfjs looks them up by name among the model's weights, so each is unique.
 */
export abstract class AddonsOptimizer extends tf.Optimizer implements Core {
  readonly isAddonsOptimizer = true;
  /** Step size η. */
  abstract learningRate: number;

  protected readonly slots = new SlotStore(this.getClassName());
  private readonly host = new HostValues();

  /** One step, inside `tf.tidy`; `iterations` counts the steps before it. */
  protected abstract step(updates: readonly Update[]): void;

  override minimize(f: () => tf.Scalar, returnCost = false, variables?: tf.Variable[]): tf.Scalar | null {
    const {value, updates} = this.gradientsOf(f, variables);
    this.update(updates);
    disposeUpdates(updates);
    if (returnCost) return value;
    value.dispose();
    return null;
  }

  /** The gradients that `minimize` would apply, each as a dense tensor. */
  override computeGradients(
    f: () => tf.Scalar,
    variables?: tf.Variable[],
  ): {value: tf.Scalar; grads: tf.NamedTensorMap} {
    const {value, updates} = this.gradientsOf(f, variables);
    const grads: tf.NamedTensorMap = {};
    for (const update of updates) {
      if (update.gradient === null) continue;
      const dense = tf.tidy(() => denseGradient(update)!);
      grads[update.variable.name] = dense;
      if (dense !== update.gradient) disposeUpdates([update]);
    }
    return {value, grads};
  }

  override applyGradients(gradients: VariableGradients): void {
    this.update(toUpdates(gradients, this.getClassName()));
  }

  update(updates: readonly Update[]): void {
    this.slots.claim(updates.map(({variable}) => variable));
    tf.tidy(() => this.step(updates));
    this.incrementIterations();
  }

  gradientsOf(f: () => tf.Scalar, variables?: tf.Variable[]): Gradients {
    return gradientsWithRows(f, variables);
  }

  momenta(): SlotVariable[] {
    return this.slots.list().filter(({slot}) => MOMENTA.includes(slot));
  }

  reset(): void {
    this.slots.clear();
    this.iterations_ = 0;
  }

  override async getWeights(): Promise<NamedTensor[]> {
    return this.saveState(this.getClassName());
  }

  override async setWeights(weights: NamedTensor[]): Promise<void> {
    const prefix = this.getClassName();
    check(
      weights[0]?.name === `${prefix}/iter`,
      prefix,
      `weights that it saved, of which ${prefix}/iter is the first`,
      weights.map(({name}) => name),
    );
    await this.restoreState(prefix, weights);
  }

  async saveState(prefix: string): Promise<NamedTensor[]> {
    const counters = Object.entries(this.counters()).map(([name, value]) => ({
      name: `${prefix}/counter/${name}`,
      tensor: this.host.int32(name, value),
    }));
    const slots = this.slots
      .list()
      .map(({slot, variable, tensor}) => ({name: `${prefix}/${slot}/${variable}`, tensor}));
    return [{name: `${prefix}/iter`, tensor: this.host.int32('iter', this.iterations)}, ...counters, ...slots];
  }

  async restoreState(prefix: string, weights: readonly NamedTensor[]): Promise<void> {
    const counters: Counters = {};
    const slots = [];
    for (const {name, tensor} of weights) {
      const [kind, ...rest] = name.slice(prefix.length + 1).split('/');
      const variable = rest.join('/');
      if (kind === 'inner') continue;
      if (kind === 'iter') this.iterations_ = (await tensor.data())[0];
      else if (kind === 'counter') counters[variable] = (await tensor.data())[0];
      else slots.push({slot: kind, variable, tensor});
    }
    this.slots.restore(slots);
    this.restoreCounters(counters);
  }

  protected counters(): Counters {
    return {};
  }

  protected restoreCounters(_counters: Counters): void {}

  override dispose(): void {
    this.slots.clear();
    this.host.dispose();
  }

  /** `new Class(learningRate, args)`; the constructor ignores the `customObjects` that tfjs adds. */
  static override fromConfig<T extends tf.serialization.Serializable>(
    cls: tf.serialization.SerializableConstructor<T>,
    config: tf.serialization.ConfigDict,
  ): T {
    const {learningRate, ...args} = config;
    return new cls(learningRate as never, args as never);
  }
}
