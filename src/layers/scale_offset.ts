import * as tf from '@tensorflow/tfjs-core';
import {initializers, type LayerVariable, layers, type Shape} from '@tensorflow/tfjs-layers';

import {check, checkInteger} from '../internal/check.js';
import {withKnownOptions} from '../internal/known_options.js';
import {onlyInput} from '../internal/layer_inputs.js';
import type {LayerArgs} from '../internal/tfjs_types.js';

export interface ScaleOffsetArgs extends LayerArgs {
  /** Number of affine heads H. Without it the output keeps the input's rank. */
  heads?: number | null;
  /** Whether to multiply by γ. Defaults to true. */
  scale?: boolean;
  /** Whether to add β. Defaults to true. */
  offset?: boolean;
}

/**
 * Per-channel affine map, `y[..., c] = γ[c] · x[..., c] + β[c]`; with `heads`,
 * `y[..., h, c] = γ[h, c] · x[..., c] + β[h, c]`.
 *
 * A gated attention unit derives its query and key from one shared projection this way.
 *
 * - Input: `[..., C]`, float32. Output: `[..., C]`, or `[..., H, C]` with heads.
 * - Weights: `beta` (zeros), `gamma` (ones), `[C]` or `[H, C]`; in this order, as in bert4keras.
 * - Masks pass through.
 *
 * ```ts
 * const layer = tfa.layers.scaleOffset({heads: 2});
 * layer.apply(tf.zeros([4, 16, 128])); // [4, 16, 2, 128]
 * ```
 *
 * Reference: Hua et al. 2022, "Transformer Quality in Linear Time", arXiv:2202.10447; bert4keras `ScaleOffset`.
 */
export class ScaleOffset extends layers.Layer {
  static readonly className = 'ScaleOffset';

  readonly heads: number | null;
  readonly scale: boolean;
  readonly offset: boolean;
  private gamma?: LayerVariable;
  private beta?: LayerVariable;

  constructor({heads = null, scale = true, offset = true, ...base}: ScaleOffsetArgs = {}) {
    super(base);
    if (heads !== null) checkInteger(heads, 'ScaleOffset', 'heads');
    check(scale || offset, 'ScaleOffset', 'scale, offset or both', {scale, offset});
    this.heads = heads;
    this.scale = scale;
    this.offset = offset;
    this.supportsMasking = true;
  }

  override build(inputShape: Shape): void {
    const channels = inputShape[inputShape.length - 1];
    check(channels != null, 'ScaleOffset', 'a known last dimension', inputShape, 'Pass inputShape to the first layer.');
    const shape = this.heads === null ? [channels] : [this.heads, channels];
    if (this.offset) this.beta = this.addWeight('beta', shape, 'float32', initializers.zeros());
    if (this.scale) this.gamma = this.addWeight('gamma', shape, 'float32', initializers.ones());
    super.build(inputShape);
  }

  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    return tf.tidy(() => {
      const x = onlyInput(inputs, 'ScaleOffset');
      const spread = this.heads === null ? x : tf.expandDims(x, -2); // [..., 1, C]
      const scaled = this.gamma === undefined ? tf.clone(spread) : tf.mul(spread, this.gamma.read());
      return this.beta === undefined ? scaled : tf.add(scaled, this.beta.read());
    });
  }

  override computeOutputShape(inputShape: Shape): Shape {
    if (this.heads === null) return inputShape;
    return [...inputShape.slice(0, -1), this.heads, inputShape[inputShape.length - 1]];
  }

  override getConfig(): tf.serialization.ConfigDict {
    return {...super.getConfig(), heads: this.heads, scale: this.scale, offset: this.offset};
  }
}
tf.serialization.registerClass(ScaleOffset);

/** Makes a {@link ScaleOffset} layer. */
export function scaleOffset(args: ScaleOffsetArgs = {}): ScaleOffset {
  return withKnownOptions(new ScaleOffset(args), args);
}
