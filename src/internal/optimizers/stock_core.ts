import * as tf from '@tensorflow/tfjs-core';
import type {Gradients, Update} from '../gradients.js';
import {writeOptimizerState} from '../optimizer_state.js';
import {gradientsWithRows} from '../row_gradient.js';
import type {NamedTensor} from '../tfjs_types.js';
import {type Core, MOMENTA} from './core.js';
import {HostValues} from './host_values.js';
import {learningRateOf, setLearningRateOf} from './learning_rate.js';
import {matchSaved} from './match_saved.js';
import type {SlotVariable} from './slots.js';
import {denseGradient} from './updates.js';

/** The fields of tfjs's optimizers that this package reads; which ones exist depends on the class. */
interface StockFields {
  iterations_: number;
  c?: tf.Tensor;
  accBeta1?: tf.Variable;
  accBeta2?: tf.Variable;
  iteration?: tf.Variable;
  beta1?: number;
  beta2?: number;
}

interface StockSlot {
  originalName: string;
  variable: tf.Variable;
}

/** What tfjs's Adam and Adamax do not save; recomputing the powers on loading would differ in the last bits. */
const HIDDEN_SCALARS = ['accBeta1', 'accBeta2', 'iteration'] as const;

/**
 * An optimizer of tfjs, or of the user, as the inner one of a wrapper.
 *
 * tfjs keys its state by the position of a variable in the list, so the list that it gets is always the same:
 * every variable seen so far in the order of first sight, without a gradient where the step has none.
 */
export class StockCore implements Core {
  private readonly fields: StockFields;
  private readonly host = new HostValues();
  private roster: string[] = [];
  private restoredRoster: string[] = [];

  constructor(
    private readonly optimizer: tf.Optimizer,
    private readonly where: string,
  ) {
    this.fields = optimizer as unknown as StockFields;
  }

  get learningRate(): number {
    return learningRateOf(this.optimizer);
  }

  set learningRate(rate: number) {
    setLearningRateOf(this.optimizer, rate);
  }

  gradientsOf(f: () => tf.Scalar, variables?: tf.Variable[]): Gradients {
    return gradientsWithRows(f, variables);
  }

  update(updates: readonly Update[]): void {
    this.enrol(updates.map(({variable}) => variable.name));
    const gradients = new Map(updates.map(update => [update.variable.name, denseGradient(update)]));
    const list = this.roster.map(name => ({name, tensor: gradients.get(name) ?? undefined}));
    this.optimizer.applyGradients(list as NamedTensor[]);
  }

  private enrol(names: string[]): void {
    if (this.restoredRoster.length > 0) {
      const match = matchSaved(this.restoredRoster, names, this.where);
      this.roster = this.restoredRoster.map((name, index) => names[match.indexOf(index)] ?? name);
      this.restoredRoster = [];
    }
    for (const name of names) if (!this.roster.includes(name)) this.roster.push(name);
  }

  reset(): void {
    for (const list of this.slotLists()) for (const {variable} of list.splice(0)) variable.dispose();
    const {fields} = this;
    fields.iterations_ = 0;
    tf.tidy(() => {
      fields.accBeta1?.assign(tf.scalar(fields.beta1!));
      fields.accBeta2?.assign(tf.scalar(fields.beta2!));
      fields.iteration?.assign(tf.scalar(0));
    });
    this.roster = [];
    this.restoredRoster = [];
  }

  momenta(): SlotVariable[] {
    const slots = this.slotLists().flatMap(list =>
      list.map(({originalName, variable}, i) => ({
        slot: originalName.slice(directory(originalName).length + 1),
        variable: this.roster[i],
        tensor: variable,
      })),
    );
    return slots.filter(({slot}) => MOMENTA.includes(slot));
  }

  private slotLists(): StockSlot[][] {
    const isSlot = (entry: unknown): entry is StockSlot =>
      typeof entry === 'object' && entry !== null && 'originalName' in entry && 'variable' in entry;
    return Object.values(this.optimizer).filter(
      (value): value is StockSlot[] => Array.isArray(value) && value.every(isSlot),
    );
  }

  async saveState(prefix: string): Promise<NamedTensor[]> {
    const scalars = HIDDEN_SCALARS.filter(name => this.fields[name]).map(name => ({name, tensor: this.fields[name]!}));
    const named = (list: readonly NamedTensor[]) => list.map(({name, tensor}) => ({name: `${prefix}/${name}`, tensor}));
    return [
      {name: `${prefix}/iter`, tensor: this.host.int32('iter', this.optimizer.iterations)},
      ...named(await this.slotTensors()),
      ...named(scalars),
    ];
  }

  private async slotTensors(): Promise<NamedTensor[]> {
    if (this.optimizer.getClassName() === 'Adamax') {
      const slots = this.slotLists().flat();
      return slots.map(({originalName, variable}) => ({name: originalName, tensor: variable})); // it has no getWeights
    }
    const [iterations, ...slots] = await this.optimizer.getWeights();
    iterations.tensor.dispose(); // made anew for each call
    return slots;
  }

  async restoreState(prefix: string, weights: readonly NamedTensor[]): Promise<void> {
    this.reset();
    const own = weights.map(({name, tensor}) => ({name: name.slice(prefix.length + 1), tensor}));
    await writeOptimizerState(this.optimizer, own);
    const names = own.slice(1).map(({name}) => name);
    const slots = names.filter(name => name.includes('/')); // the hidden scalars have none
    const last = (name: string) => name.slice(directory(name).length);
    this.restoredRoster = slots.filter(name => last(name) === last(slots[0])).map(directory);
  }

  dispose(): void {
    this.optimizer.dispose();
    this.fields.c?.dispose(); // momentum forgets it
    this.host.dispose();
  }
}

/** What stands before the last slash. */
const directory = (name: string): string => name.slice(0, name.lastIndexOf('/'));
