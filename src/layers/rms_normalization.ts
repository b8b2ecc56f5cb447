import * as tf from '@tensorflow/tfjs-core';
import {initializers, type LayerVariable, layers, type Shape} from '@tensorflow/tfjs-layers';

import {check, checkRange} from '../internal/check.js';
import {withKnownOptions} from '../internal/known_options.js';
import {onlyInput} from '../internal/layer_inputs.js';
import type {LayerArgs} from '../internal/tfjs_types.js';
import {rmsNormalization as rmsNormalizationOp} from '../ops/rms_normalization/index.js';

export interface RmsNormalizationArgs extends LayerArgs {
  /** Whether to multiply by a trainable γ. Defaults to true. */
  scale?: boolean;
  /** Added to the mean square, inside the root. Defaults to 1e-7. */
  epsilon?: number;
}

/**
 * Root-mean-square normalisation over the last axis, `y = x / √(mean(x²) + ε) · γ`.
 *
 * Cheaper than layer normalisation: no mean is taken off and no offset added.
 *
 * - Input and output: `[..., C]`, float32.
 * - Weights: `gamma [C]` (ones) with `scale`.
 * - Masks pass through.
 *
 * ```ts
 * const layer = tfa.layers.rmsNormalization();
 * (layer.apply(tf.tensor2d([[3, 4]])) as tf.Tensor).print(); // 0.8485, 1.1314
 * ```
 *
 * Reference: Zhang and Sennrich 2019, arXiv:1910.07467; bert4keras `LayerNormalization(zero_mean=False, offset=False)`.
 */
export class RmsNormalization extends layers.Layer {
  static readonly className = 'RmsNormalization';

  readonly scale: boolean;
  readonly epsilon: number;
  private gamma?: LayerVariable;

  constructor({scale = true, epsilon = 1e-7, ...base}: RmsNormalizationArgs = {}) {
    super(base);
    checkRange(epsilon, 'RmsNormalization', 'epsilon', [0, Number.POSITIVE_INFINITY], {low: true});
    this.scale = scale;
    this.epsilon = epsilon;
    this.supportsMasking = true;
  }

  override build(inputShape: Shape): void {
    const channels = inputShape[inputShape.length - 1];
    check(channels != null, 'RmsNormalization', 'a known last dimension', {shape: inputShape});
    if (this.scale) this.gamma = this.addWeight('gamma', [channels], 'float32', initializers.ones());
    super.build(inputShape);
  }

  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    const gamma = this.gamma?.read() as tf.Tensor1D | undefined;
    return rmsNormalizationOp(onlyInput(inputs, 'RmsNormalization'), {gamma, epsilon: this.epsilon});
  }

  override computeOutputShape(inputShape: Shape): Shape {
    return inputShape;
  }

  override getConfig(): tf.serialization.ConfigDict {
    return {...super.getConfig(), scale: this.scale, epsilon: this.epsilon};
  }
}
tf.serialization.registerClass(RmsNormalization);

/** Makes a {@link RmsNormalization} layer. */
export function rmsNormalization(args: RmsNormalizationArgs = {}): RmsNormalization {
  return withKnownOptions(new RmsNormalization(args), args);
}
