import * as tf from '@tensorflow/tfjs-core';

import {check, checkShape} from '../check.js';
import {matchSaved} from './match_saved.js';

/** One tensor of the state: `slot/variable`. */
export interface SlotTensor {
  slot: string;
  variable: string;
  tensor: tf.Tensor;
}

/** The same, alive. */
export interface SlotVariable extends SlotTensor {
  tensor: tf.Variable;
}

export interface SlotInit {
  /** Defaults to the variable's shape. */
  shape?: number[];
  /** A constant, or the variable's value. Defaults to 0. */
  fill?: number | 'variable';
}

type VariableSlots = Map<string, tf.Variable>;

/** The name under which state that belongs to no variable is saved. */
const SHARED = 'shared';

/**
 * The state that an optimizer keeps per variable, such as a momentum: tensors by slot name and variable name.
 *
 * Restored state belongs to nobody until `claim` meets the variables of the first step; see `matchSaved`.
 */
export class SlotStore {
  private readonly slots = new Map<string, VariableSlots>();
  private readonly sharedSlots: VariableSlots = new Map();
  private restored: {variable: string; slots: VariableSlots}[] = [];

  constructor(private readonly where: string) {}

  /** Announces the variables of a step in the model's order, which is the order in which state is saved. */
  claim(variables: readonly tf.Variable[]): void {
    const unknown = variables.filter(({name}) => !this.slots.has(name));
    if (unknown.length === 0) return;
    const match = this.match(unknown);
    unknown.forEach(({name}, i) => {
      this.slots.set(name, match[i] < 0 ? new Map() : this.restored[match[i]].slots);
    });
    this.restored = this.restored.filter((_, index) => !match.includes(index));
  }

  private match(variables: readonly tf.Variable[]): number[] {
    if (this.restored.length === 0) return variables.map(() => -1);
    return matchSaved(
      this.restored.map(({variable}) => variable),
      variables.map(({name}) => name),
      this.where,
    );
  }

  /** The slot of a claimed variable, made when it is asked for the first time. */
  get(variable: tf.Variable, slot: string, {shape = variable.shape, fill = 0}: SlotInit = {}): tf.Variable {
    const slots = this.slots.get(variable.name)!;
    const existing = slots.get(slot);
    if (existing !== undefined) {
      checkShape(existing.shape, shape, this.where, `the saved ${slot} of ${variable.name}`);
      return existing;
    }
    const made = tf.tidy(() => tf.variable(fill === 'variable' ? variable : tf.fill(shape, fill), false));
    slots.set(slot, made);
    return made;
  }

  /** A scalar that belongs to all variables together. */
  shared(name: string, fill: number): tf.Variable {
    const existing = this.sharedSlots.get(name);
    if (existing !== undefined) return existing;
    const made = tf.tidy(() => tf.variable(tf.scalar(fill), false));
    this.sharedSlots.set(name, made);
    return made;
  }

  /** The slot where it exists. */
  find(variable: tf.Variable, slot: string): tf.Variable | undefined {
    return this.slots.get(variable.name)?.get(slot);
  }

  /** Replaces the slot's value; its shape may change. */
  set(variable: tf.Variable, slot: string, value: tf.Tensor): void {
    this.remove(variable, slot);
    this.slots.get(variable.name)!.set(slot, tf.variable(value, false));
  }

  remove(variable: tf.Variable, slot: string): void {
    this.find(variable, slot)?.dispose();
    this.slots.get(variable.name)?.delete(slot);
  }

  /** The names of the claimed variables, in order. */
  names(): string[] {
    return [...this.slots.keys()];
  }

  /** The whole state, restored and unclaimed parts included. */
  list(): SlotVariable[] {
    const claimed = [...this.slots].map(([variable, slots]) => ({variable, slots}));
    const shared = [...this.sharedSlots].map(([variable, tensor]) => ({slot: SHARED, variable, tensor}));
    const own = [...claimed, ...this.restored].flatMap(({variable, slots}) =>
      [...slots].map(([slot, tensor]) => ({slot, variable, tensor})),
    );
    return [...shared, ...own];
  }

  /** Takes copies of a saved state in place of the present one. */
  restore(saved: readonly SlotTensor[]): void {
    this.clear();
    const byVariable = new Map<string, VariableSlots>();
    for (const {slot, variable, tensor} of saved) {
      if (slot === SHARED) {
        this.sharedSlots.set(variable, copy(tensor));
        continue;
      }
      const slots = byVariable.get(variable) ?? new Map();
      check(!slots.has(slot), this.where, 'each saved tensor once', `${slot} of ${variable} twice`);
      slots.set(slot, copy(tensor));
      byVariable.set(variable, slots);
    }
    this.restored = [...byVariable].map(([variable, slots]) => ({variable, slots}));
  }

  /** Forgets everything. */
  clear(): void {
    for (const {tensor} of this.list()) tensor.dispose();
    this.slots.clear();
    this.sharedSlots.clear();
    this.restored = [];
  }
}

/** A variable with a buffer of its own; multiplying by 1 keeps every bit, the sign of zero included. */
const copy = (tensor: tf.Tensor): tf.Variable =>
  tf.tidy(() => tf.variable(tf.mul(tensor, onesOf(tensor.dtype)), false));

const onesOf = (dtype: tf.DataType): tf.Scalar => tf.scalar(1, dtype);
