import type * as tf from '@tensorflow/tfjs-core';
import type {Gradients, Update} from '../gradients.js';
import type {NamedTensor} from '../tfjs_types.js';
import type {SlotVariable} from './slots.js';

/**
 * What a wrapper needs of the optimizer inside it; optimizers of this package have it, `StockCore` gives it to tfjs's.
 */
export interface Core {
  /** The rate of the innermost optimizer. */
  learningRate: number;
  /** The loss and the gradients that a step is to take. */
  gradientsOf(f: () => tf.Scalar, variables?: tf.Variable[]): Gradients;
  /** One step. */
  update(updates: readonly Update[]): void;
  /** Back to the state before the first step. */
  reset(): void;
  /** The momenta and first moments of the innermost optimizer. */
  momenta(): SlotVariable[];
  /** The state under names that begin with `prefix`; the first is the iteration counter, `prefix/iter`. */
  saveState(prefix: string): Promise<NamedTensor[]>;
  /** Takes a state that `saveState(prefix)` gave. */
  restoreState(prefix: string, weights: readonly NamedTensor[]): Promise<void>;
  dispose(): void;
}

/** Names of the slots that hold a momentum or a first moment, in tfjs's optimizers and in ours. */
export const MOMENTA: readonly string[] = ['m', 'momentum'];
