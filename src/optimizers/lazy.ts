import * as tf from '@tensorflow/tfjs-core';

import {check} from '../internal/check.js';
import type {Update} from '../internal/gradients.js';
import {withKnownOptions} from '../internal/known_options.js';
import {changeStep} from '../internal/optimizers/change.js';
import {type NamePattern, NamePatterns} from '../internal/optimizers/name_patterns.js';
import {denseGradient, touchedRows} from '../internal/optimizers/updates.js';
import {WrapperOptimizer} from '../internal/optimizers/wrapper.js';

/** A pattern of variable names, a variable, or a layer, which stands for all its trainable weights. */
export type VariableChoice = NamePattern | tf.Variable | {trainableWeights: {name: string}[]};

export interface LazyArgs {
  /** The embedding tables. Defaults to `[/embeddings$/]`, the tables of tfjs's embedding layers. */
  variables?: readonly VariableChoice[];
}

/**
 * Moves only those rows of the chosen variables that the step's gradient touches.
 *
 *   θ ← θ + r ⊙ (inner(θ, g) − θ),   r = 1 where any g of the row differs from 0, else 0
 *
 * For embeddings of rare words under Adam or momentum, which otherwise drift in every step on their old moments.
 * The inner optimizer runs in full, so the moments of untouched rows decay as usual; `lazyAdam` leaves those alone
 * as well and costs less. Put weight decay inside: `lazy(adamW(…))` spares untouched rows the decay too.
 *
 * A row that was looked up but has a gradient of exactly 0 counts as untouched. No state of its own.
 *
 * ```ts
 * const embedding = tf.layers.embedding({inputDim: 100, outputDim: 8, inputLength: 4});
 * const model = tf.sequential({layers: [embedding, tf.layers.flatten(), tf.layers.dense({units: 1})]});
 * model.compile({optimizer: tfa.train.lazy(tf.train.adam(1e-3), {variables: [embedding]}), loss: 'meanSquaredError'});
 * ```
 *
 * Reference: Su, keras_lazyoptimizer and bert4keras `extend_with_lazy_optimization`. Unlike keras_lazyoptimizer it
 * masks the change, not the learning rate, so momentum moves nothing either, and counts a step once.
 */
export class Lazy extends WrapperOptimizer {
  static readonly className: string = 'Lazy';

  private readonly chosen: NamePatterns;

  constructor(inner: tf.Optimizer, {variables = [/embeddings$/]}: LazyArgs = {}) {
    super(inner);
    check(Array.isArray(variables) && variables.length > 0, 'Lazy', 'a list of variables', variables);
    this.chosen = new NamePatterns(variables.flatMap(toPatterns), 'Lazy', 'variables');
  }

  protected step(updates: readonly Update[]): void {
    const isChosen = ({variable, gradient}: Update) => gradient !== null && this.chosen.matches(variable.name);
    const dense = updates.map(update => (isChosen(update) ? {...update, gradient: denseGradient(update)} : update));
    changeStep(this.core, dense, dense.filter(isChosen), (before, after, update) => {
      return tf.where(touchedRows(update.gradient as tf.Tensor), after, before);
    });
  }

  override getConfig(): tf.serialization.ConfigDict {
    return {...super.getConfig(), variables: this.chosen.toConfig() as never};
  }
}

function toPatterns(choice: VariableChoice): NamePattern[] {
  if (typeof choice === 'object' && 'trainableWeights' in choice) return choice.trainableWeights.map(exactName);
  if (typeof choice === 'object' && 'dataId' in choice) return [exactName(choice)];
  return [choice as NamePattern];
}

/** The name, and the numbered form that tfjs gives it when the model is loaded beside another one. */
const exactName = ({name}: {name: string}): string => `^${name.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}(_\\d+)?$`;

/** Makes a `Lazy`. */
export const lazy = (inner: tf.Optimizer, args?: LazyArgs): Lazy => withKnownOptions(new Lazy(inner, args), args);

tf.serialization.registerClass(Lazy);
