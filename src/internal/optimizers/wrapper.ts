import type * as tf from '@tensorflow/tfjs-core';

import {check} from '../check.js';
import type {Gradients} from '../gradients.js';
import {deserialize, type SerializedObject, serialize} from '../serialization.js';
import type {NamedTensor} from '../tfjs_types.js';
import type {Core} from './core.js';
import {AddonsOptimizer} from './optimizer.js';
import type {SlotVariable} from './slots.js';
import {StockCore} from './stock_core.js';

/** An optimizer around another one, which it owns. A subclass is its `step`, in which it calls `core.update`. */
export abstract class WrapperOptimizer extends AddonsOptimizer {
  protected readonly core: Core;

  constructor(readonly inner: tf.Optimizer) {
    super();
    this.core = coreOf(inner, this.getClassName());
  }

  override get learningRate(): number {
    return this.core.learningRate;
  }

  override set learningRate(rate: number) {
    this.core.learningRate = rate;
  }

  override gradientsOf(f: () => tf.Scalar, variables?: tf.Variable[]): Gradients {
    return this.core.gradientsOf(f, variables);
  }

  override momenta(): SlotVariable[] {
    return this.core.momenta();
  }

  override reset(): void {
    super.reset();
    this.core.reset();
  }

  override async saveState(prefix: string): Promise<NamedTensor[]> {
    return [...(await super.saveState(prefix)), ...(await this.core.saveState(`${prefix}/inner`))];
  }

  override async restoreState(prefix: string, weights: readonly NamedTensor[]): Promise<void> {
    await super.restoreState(prefix, weights);
    const inner = `${prefix}/inner`;
    await this.core.restoreState(
      inner,
      weights.filter(({name}) => name.startsWith(`${inner}/`)),
    );
  }

  override dispose(): void {
    super.dispose();
    this.core.dispose();
  }

  override getConfig(): tf.serialization.ConfigDict {
    return {inner: serialize(this.inner) as never};
  }

  static override fromConfig<T extends tf.serialization.Serializable>(
    cls: tf.serialization.SerializableConstructor<T>,
    config: tf.serialization.ConfigDict,
  ): T {
    const {inner, ...args} = config as {inner: unknown};
    return new cls(deserialize(inner as SerializedObject, 'fromConfig', 'an optimizer') as never, args as never);
  }
}

/** Optimizers of this package are recognised by a field: tfjs's `instanceof` is true for all of them. */
function coreOf(optimizer: tf.Optimizer, where: string): Core {
  check(
    typeof optimizer?.applyGradients === 'function' && typeof optimizer.minimize === 'function',
    where,
    'an optimizer as its first argument',
    optimizer,
    `Write ${where[0].toLowerCase()}${where.slice(1)}(tf.train.adam(1e-3), {…}).`,
  );
  const isOurs = 'isAddonsOptimizer' in optimizer;
  return isOurs ? (optimizer as unknown as Core) : new StockCore(optimizer, where);
}
