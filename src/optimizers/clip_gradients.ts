import * as tf from '@tensorflow/tfjs-core';

import {check, checkRange} from '../internal/check.js';
import type {Gradient, Update} from '../internal/gradients.js';
import {withKnownOptions} from '../internal/known_options.js';
import {addAll, denseGradient, gradientValues, mapGradient} from '../internal/optimizers/updates.js';
import {WrapperOptimizer} from '../internal/optimizers/wrapper.js';

export interface ClipGradientsArgs {
  /** Bound c > 0 of the norm of all gradients together: g ← g · c / max(‖g‖, c). */
  globalNorm?: number;
  /** Bound c > 0 of the norm of each variable's gradient. */
  norm?: number;
  /** Bound c > 0 of each element: g ← min(max(g, −c), c). */
  value?: number;
  /** Bound c > 0 of each output unit's norm relative to that of its weights: ‖gᵤ‖ ≤ c · max(‖wᵤ‖, 1e-3). */
  adaptive?: number;
}

type Kind = keyof ClipGradientsArgs;
const KINDS: readonly Kind[] = ['globalNorm', 'norm', 'value', 'adaptive'];

/**
 * Bounds the gradients before the inner optimizer sees them. Exactly one bound is to be given.
 *
 * Gradients within the bound pass unchanged, all-zero ones stay zero. A NaN or an infinite norm spreads to every
 * gradient under that norm; `guardGradients` is the wrapper that stops them. The global norm of an embedding's row
 * gradient counts each row once, with repeats summed, and so equals that of the dense gradient.
 *
 * No state. Around `accumulateGradients` it clips mini-batches, inside it the accumulated gradient, which is what
 * is usually wanted.
 *
 * ```ts
 * const optimizer = tfa.train.clipGradients(tf.train.adam(1e-3), {globalNorm: 1});
 * const x = tf.variable(tf.tensor1d([3, 4]));
 * optimizer.minimize(() => tf.sum(tf.square(x)));
 * ```
 *
 * Reference: Pascanu et al. 2013, arXiv:1211.5063; Brock et al. 2021, arXiv:2102.06171, for `adaptive`.
 */
export class ClipGradients extends WrapperOptimizer {
  static readonly className: string = 'ClipGradients';

  private readonly kind: Kind;
  private readonly bound: number;

  constructor(inner: tf.Optimizer, args: ClipGradientsArgs) {
    super(inner);
    const given = KINDS.filter(kind => args?.[kind] !== undefined);
    check(given.length === 1, 'ClipGradients', `one of ${KINDS.join(', ')}`, given);
    this.kind = given[0];
    this.bound = args[this.kind]!;
    checkRange(this.bound, 'ClipGradients', this.kind, [0, Infinity], {low: true});
  }

  protected step(updates: readonly Update[]): void {
    const factor = this.kind === 'globalNorm' ? this.factor(updates.map(({gradient}) => gradient)) : undefined;
    this.core.update(updates.map(update => ({variable: update.variable, gradient: this.clip(update, factor)})));
  }

  private clip(update: Update, globalFactor: tf.Tensor | undefined): Gradient {
    const {variable, gradient} = update;
    if (gradient === null) return null;
    if (this.kind === 'value') return mapGradient(gradient, g => tf.clipByValue(g, -this.bound, this.bound));
    if (this.kind === 'adaptive') return clipUnits(denseGradient(update)!, variable, this.bound);
    const factor = globalFactor ?? this.factor([gradient]);
    return mapGradient(gradient, g => tf.mul(g, factor));
  }

  /** c / max(‖g‖, c) over all of `gradients`. */
  private factor(gradients: readonly Gradient[]): tf.Tensor {
    const squares = gradients.flatMap(g => (g === null ? [] : [tf.sum(tf.square(gradientValues(g)))]));
    const norm = squares.length === 0 ? tf.scalar(0) : tf.sqrt(addAll(squares));
    return tf.div(this.bound, tf.maximum(norm, this.bound));
  }

  override getConfig(): tf.serialization.ConfigDict {
    return {...super.getConfig(), [this.kind]: this.bound};
  }
}

const SMALLEST_WEIGHT_NORM = 1e-3;
const SMALLEST_GRADIENT_NORM = 1e-6;

/** gᵤ ← gᵤ · c max(‖wᵤ‖, 1e-3) / ‖gᵤ‖ where that is below 1; a unit is a column, or the whole vector. */
function clipUnits(gradient: tf.Tensor, weights: tf.Tensor, bound: number): tf.Tensor {
  const axes = unitAxes(gradient.shape);
  const norm = (x: tf.Tensor) => tf.sqrt(tf.sum(tf.square(x), axes, true));
  const limit = tf.mul(tf.maximum(norm(weights), SMALLEST_WEIGHT_NORM), bound);
  const actual = norm(gradient);
  const clipped = tf.mul(gradient, tf.div(limit, tf.maximum(actual, SMALLEST_GRADIENT_NORM)));
  return tf.where(tf.logicalAnd(tf.less(actual, limit), tf.cast(tf.onesLike(gradient), 'bool')), gradient, clipped);
}

/** The axes within one output unit: all but the last of a kernel, of `[in, heads, size]` the first only. */
function unitAxes(shape: readonly number[]): number[] | undefined {
  if (shape.filter(size => size !== 1).length <= 1) return undefined;
  return shape.length === 4 ? [0, 1, 2] : [0];
}

/** Makes a `ClipGradients`. */
export const clipGradients = (inner: tf.Optimizer, args: ClipGradientsArgs): ClipGradients =>
  withKnownOptions(new ClipGradients(inner, args), args);

tf.serialization.registerClass(ClipGradients);
