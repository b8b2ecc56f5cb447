import * as tf from '@tensorflow/tfjs-core';
import {layers, type Shape} from '@tensorflow/tfjs-layers';

import {check, checkRange} from '../internal/check.js';
import {CounterRandom, type CounterState} from '../internal/counter_random.js';
import {withKnownOptions} from '../internal/known_options.js';
import {isTraining, onlyInput} from '../internal/layer_inputs.js';
import type {Kwargs, LayerArgs} from '../internal/tfjs_types.js';
import {counterDropout} from '../ops/counter_dropout/index.js';

export interface SeededDropoutArgs extends LayerArgs {
  /** Fraction to drop in training, [0, 1). */
  rate: number;
  /** Shape of the random factor, broadcast to the input: 1 shares it along an axis, `null` copies the input's size. */
  noiseShape?: (number | null)[] | null;
  /** A seeded run repeats. Defaults to a random seed. */
  seed?: number | null;
}

/**
 * Inverted dropout whose randomness is a seed and a step count,
 *
 *   y = x ⊙ m / (1 − rate),   m[i] = 1 with probability 1 − rate.
 *
 * Stock `tf.layers.dropout` with a seed drops the same elements at every step, and without one cannot be repeated.
 * Here two steps differ, a seeded run repeats on every backend, and a run resumed by `loadModel` drops what the
 * uninterrupted one would have.
 *
 * - Input and output: any shape, float32. Identity outside training. Masks pass through.
 *
 * ```ts
 * const wholeTokens = tfa.layers.seededDropout({rate: 0.3, seed: 7, noiseShape: [null, null, 1]});
 * wholeTokens.apply(tf.ones([2, 5, 4]), {training: true}); // a token is 0 or 1/0.7 in all channels
 * ```
 *
 * Reference: Srivastava et al. 2014, "Dropout".
 */
export class SeededDropout extends layers.Layer {
  static readonly className = 'SeededDropout';

  readonly rate: number;
  readonly noiseShape: (number | null)[] | null;
  readonly seed: number | null;
  private readonly random: CounterRandom;

  constructor({rate, noiseShape = null, seed = null, ...base}: SeededDropoutArgs) {
    super(base);
    checkRange(rate, 'SeededDropout', 'rate', [0, 1], {high: true});
    this.rate = rate;
    this.noiseShape = noiseShape;
    this.seed = seed;
    this.random = new CounterRandom(seed);
    this.supportsMasking = true;
  }

  override call(inputs: tf.Tensor | tf.Tensor[], kwargs: Kwargs): tf.Tensor {
    const x = onlyInput(inputs, 'SeededDropout');
    if (!isTraining(kwargs) || this.rate === 0) return tf.clone(x);
    const shape = this.factorShape(x.shape);
    const seed = this.random.nextKey();
    return tf.tidy(() => tf.mul(x, counterDropout(shape, this.rate, seed)));
  }

  private factorShape(inputShape: number[]): number[] {
    if (this.noiseShape === null) return inputShape;
    const shape = this.noiseShape.map((size, axis) => size ?? inputShape[axis]);
    const fits =
      shape.length === inputShape.length && shape.every((size, axis) => size === 1 || size === inputShape[axis]);
    check(fits, 'SeededDropout', `noiseShape that broadcasts to [${inputShape.join(', ')}]`, this.noiseShape);
    return shape;
  }

  override computeOutputShape(inputShape: Shape): Shape {
    return inputShape;
  }

  /** The dropout counter, which `saveModel` keeps. */
  getRuntimeState(): CounterState {
    return this.random.getState();
  }

  setRuntimeState(state: CounterState): void {
    this.random.setState(state);
  }

  override getConfig(): tf.serialization.ConfigDict {
    return {...super.getConfig(), rate: this.rate, noiseShape: this.noiseShape, seed: this.seed};
  }
}
tf.serialization.registerClass(SeededDropout);

/** Makes a {@link SeededDropout} layer. */
export function seededDropout(args: SeededDropoutArgs): SeededDropout {
  return withKnownOptions(new SeededDropout(args), args);
}
