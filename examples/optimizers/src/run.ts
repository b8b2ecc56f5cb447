import * as tf from '@tensorflow/tfjs';

import {Random} from './tasks/random.js';
import type {Task} from './tasks/task.js';

const BATCH = 64;
/** Steps between two looks at the loss over all data. */
export const STRIDE = 5;
/** A loss beyond this times the first one has run away; so has one that is no number. */
const RUNAWAY = 1e3;

export interface Outcome {
  /** Loss over all data before the first step and after every `STRIDE` steps; it ends early where the run ran away. */
  losses: number[];
  /** Whether the loss ran away. */
  diverged: boolean;
  /** Gains of all weights and scales of all variables at the end; empty unless the optimizer learns them. */
  gains: number[];
  scales: number[];
}

/** Trains a new model of `task` for `steps` steps. The same seed gives the same weights and batches. */
export async function run(task: Task, optimizer: tf.Optimizer, steps: number, seed: number): Promise<Outcome> {
  const model = task.build(seed);
  const random = new Random(seed);
  const losses = [lossOf(model, task)];
  let order: number[] = [];
  for (let step = 0; step < steps && isTame(losses); step++) {
    if (order.length < BATCH) order = random.order(task.x.shape[0]);
    tf.tidy(() => {
      const rows = tf.tensor1d(order.splice(0, BATCH), 'int32');
      const [x, y] = [tf.gather(task.x, rows), tf.gather(task.y, rows)];
      optimizer.minimize(() => task.loss(y, model.apply(x, {training: true}) as tf.Tensor));
    });
    if ((step + 1) % STRIDE === 0) losses.push(lossOf(model, task));
  }
  const outcome = {losses, diverged: !isTame(losses), ...(await learntBy(optimizer))};
  model.dispose();
  optimizer.dispose();
  return outcome;
}

const isTame = (losses: readonly number[]): boolean => losses.at(-1)! <= RUNAWAY * losses[0];

const lossOf = (model: tf.LayersModel, {x, y, loss}: Task): number =>
  tf.tidy(() => loss(y, model.apply(x) as tf.Tensor).dataSync()[0]);

/** The gains and scales in the optimizer's state, whose entries are called class/kind/variable. */
async function learntBy(optimizer: tf.Optimizer): Promise<Pick<Outcome, 'gains' | 'scales'>> {
  const weights = await optimizer.getWeights();
  const all = (kind: string) =>
    weights.filter(({name}) => name.split('/')[1] === kind).flatMap(({tensor}) => [...tensor.dataSync()]);
  const learnt = {gains: all('gain'), scales: all('scale')};
  tf.dispose(weights.map(({tensor}) => tensor).filter(tensor => !(tensor instanceof tf.Variable))); // the state's own stay
  return learnt;
}
