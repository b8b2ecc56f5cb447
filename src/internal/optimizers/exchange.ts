import * as tf from '@tensorflow/tfjs-core';

import {check} from '../check.js';
import {liveVariable} from './updates.js';

/** A tf.Variable, or a layer's weight around one. */
export type AnyVariable = tf.Variable | {read(): tf.Tensor};

/** The tf.Variables behind a list such as `model.trainableWeights`. */
export const variablesOf = (list: readonly AnyVariable[]): tf.Variable[] =>
  list.map(item => ('read' in item ? (item.read() as tf.Variable) : item));

/** Puts other values into variables for a while, as for an evaluation. */
export class Exchange {
  private readonly originals = new Map<string, tf.Tensor>();

  constructor(
    private readonly where: string,
    private readonly back: string,
  ) {}

  get isActive(): boolean {
    return this.originals.size > 0;
  }

  /** Every variable takes its value of `values`; its own is put aside. */
  swap(values: readonly {variable: tf.Variable; value: tf.Tensor}[]): void {
    check(!this.isActive, this.where, `${this.back}() before another swap`, 'weights that are swapped already');
    for (const {variable, value} of values) {
      this.originals.set(variable.name, tf.keep(tf.clone(variable)));
      variable.assign(value);
    }
  }

  /** The variables get back what they had. */
  restore(): void {
    check(this.isActive, this.where, 'swapped weights', 'none', 'Nothing was put aside.');
    for (const [name, original] of this.originals) liveVariable(name, this.where).assign(original);
    this.dispose();
  }

  /** Refuses a training step on weights that are only there to be looked at. */
  checkInactive(): void {
    check(!this.isActive, this.where, `${this.back}() before the next step`, 'a step on swapped weights');
  }

  dispose(): void {
    for (const original of this.originals.values()) original.dispose();
    this.originals.clear();
  }
}
