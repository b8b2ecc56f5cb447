/**
 * The whole state of an optimizer as a list of tensors.
 *
 * What tfjs's own `getWeights` returns is not enough to resume to the same numbers: Adam leaves out the products of
 * its betas, which `setWeights` then replaces by a power that is off in the last bits, and Adamax has neither method.
 */
import * as tf from '@tensorflow/tfjs-core';

import type {NamedTensor} from './tfjs_types.js';

/** A slot of a tfjs optimizer. */
interface Slot {
  originalName: string;
  variable: tf.Variable;
}

type Fields = Record<string, Slot[] | tf.Variable>;

/** The scalars that tfjs optimizers keep and do not return, by class name. */
const HIDDEN_SCALARS: Record<string, string[]> = {Adam: ['accBeta1', 'accBeta2'], Adamax: ['accBeta1', 'iteration']};
const ADAMAX_SLOTS = ['accumulatedFirstMoment', 'accumulatedWeightedInfNorm'];

const STOCK = ['SGD', 'Momentum', 'Adagrad', 'Adadelta', 'Adam', 'Adamax', 'RMSProp'];

/**
 * Copies of the iteration counter, the slots and the hidden scalars, in an order that `writeOptimizerState` knows.
 * Names are the optimizer's own and need not be unique. The caller disposes the copies.
 */
export async function readOptimizerState(optimizer: tf.Optimizer): Promise<NamedTensor[]> {
  const className = optimizer.getClassName();
  const weights = className === 'Adamax' ? adamaxWeights(optimizer) : ((await optimizer.getWeights()) as NamedTensor[]);
  const copies = [...weights, ...hiddenScalars(optimizer)].map(({name, tensor}) => ({name, tensor: tf.clone(tensor)}));
  if (STOCK.includes(className)) weights[0].tensor.dispose(); // tfjs makes this scalar anew for each call
  return copies;
}

/** Gives `optimizer`, which has not run yet, the state that `readOptimizerState` returned. */
export async function writeOptimizerState(optimizer: tf.Optimizer, state: NamedTensor[]): Promise<void> {
  const hidden = hiddenScalars(optimizer);
  const weights = state.slice(0, state.length - hidden.length);
  if (optimizer.getClassName() === 'Adamax') await setAdamaxWeights(optimizer, weights);
  else await optimizer.setWeights(weights);
  hidden.forEach(({tensor}, i) => {
    (tensor as tf.Variable).assign(state[weights.length + i].tensor);
  });
}

function hiddenScalars(optimizer: tf.Optimizer): NamedTensor[] {
  const fields = optimizer as unknown as Fields;
  const names = HIDDEN_SCALARS[optimizer.getClassName()] ?? [];
  return names.map(name => ({name, tensor: fields[name] as tf.Variable}));
}

function adamaxWeights(optimizer: tf.Optimizer): NamedTensor[] {
  const fields = optimizer as unknown as Fields;
  const slots = ADAMAX_SLOTS.flatMap(name => fields[name] as Slot[]);
  return [
    {name: 'iter', tensor: tf.scalar(optimizer.iterations, 'int32')},
    ...slots.map(({originalName, variable}) => ({name: originalName, tensor: variable})),
  ];
}

async function setAdamaxWeights(optimizer: tf.Optimizer, weights: NamedTensor[]): Promise<void> {
  const {extractIterations} = optimizer as unknown as {extractIterations(list: NamedTensor[]): Promise<NamedTensor[]>};
  const slots = await extractIterations.call(optimizer, weights);
  const fields = optimizer as unknown as Fields;
  const half = slots.length / 2;
  ADAMAX_SLOTS.forEach((name, i) => {
    fields[name] = slots
      .slice(i * half, (i + 1) * half)
      .map(slot => ({originalName: slot.name, variable: tf.variable(slot.tensor, false)}));
  });
}
