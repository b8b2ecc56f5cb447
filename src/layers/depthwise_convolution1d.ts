import * as tf from '@tensorflow/tfjs-core';
import {type LayerVariable, layers, type Shape} from '@tensorflow/tfjs-layers';

import {check, checkInteger, checkOneOf} from '../internal/check.js';
import {withKnownOptions} from '../internal/known_options.js';
import {onlyInput, paddingMask} from '../internal/layer_inputs.js';
import {
  type Initializer,
  type InitializerIdentifier,
  resolveInitializer,
  serialize,
} from '../internal/serialization.js';
import type {Kwargs, LayerArgs} from '../internal/tfjs_types.js';
import {type ConvolutionPadding, depthwiseConv1d} from '../ops/depthwise_conv1d/index.js';

export interface DepthwiseConvolution1dArgs extends LayerArgs {
  /** Number of taps K, odd with padding `'same'`. */
  kernelSize: number;
  /** `'same'` or `'causal'`. Defaults to `'same'`. */
  padding?: ConvolutionPadding;
  /** Distance between taps. Defaults to 1. */
  dilationRate?: number;
  /** Whether to add a bias. Defaults to true. */
  useBias?: boolean;
  /** Defaults to `'glorotUniform'`. */
  kernelInitializer?: InitializerIdentifier;
  /** Defaults to `'zeros'`. */
  biasInitializer?: InitializerIdentifier;
}

/**
 * Depthwise convolution over tokens, `y[t, c] = Σ_k kernel[k, c] · x[t + k·r − offset, c] + b[c]`.
 *
 * Brings the neighbours of a token into an attention layer at K parameters a channel. It trains on every backend,
 * wasm included, and with any dilation.
 *
 * - Input and output: `[B, T, C]`, float32.
 * - Weights: `kernel [K, C]`, `bias [C]`.
 * - Mask: padded tokens are read as zeros; the mask passes through.
 *
 * ```ts
 * tfa.layers.depthwiseConvolution1d({kernelSize: 3}).apply(tf.ones([2, 7, 8])); // [2, 7, 8]
 * ```
 *
 * Reference: Keras `DepthwiseConv1D` with depth multiplier 1, whose kernel has a third axis of size 1.
 */
export class DepthwiseConvolution1d extends layers.Layer {
  static readonly className = 'DepthwiseConvolution1d';

  readonly kernelSize: number;
  readonly padding: ConvolutionPadding;
  readonly dilationRate: number;
  readonly useBias: boolean;
  private readonly kernelInitializer: Initializer;
  private readonly biasInitializer: Initializer;
  private kernel!: LayerVariable;
  private bias?: LayerVariable;

  constructor(args: DepthwiseConvolution1dArgs) {
    super(args);
    const where = 'DepthwiseConvolution1d';
    const {kernelSize, padding = 'same', dilationRate = 1, useBias = true} = args;
    checkInteger(kernelSize, where, 'kernelSize');
    checkInteger(dilationRate, where, 'dilationRate');
    checkOneOf(padding, ['same', 'causal'], where, 'padding');
    check(padding === 'causal' || kernelSize % 2 === 1, where, "an odd kernelSize with padding 'same'", kernelSize);
    this.kernelSize = kernelSize;
    this.padding = padding;
    this.dilationRate = dilationRate;
    this.useBias = useBias;
    this.kernelInitializer = resolveInitializer(args.kernelInitializer ?? 'glorotUniform', where);
    this.biasInitializer = resolveInitializer(args.biasInitializer ?? 'zeros', where);
    this.supportsMasking = true;
  }

  override build(inputShape: Shape): void {
    const channels = inputShape[inputShape.length - 1];
    const where = 'DepthwiseConvolution1d';
    check(inputShape.length === 3 && channels != null, where, 'an input of shape [B, T, C]', {shape: inputShape});
    this.kernel = this.addWeight('kernel', [this.kernelSize, channels], 'float32', this.kernelInitializer);
    if (this.useBias) this.bias = this.addWeight('bias', [channels], 'float32', this.biasInitializer);
    super.build(inputShape);
  }

  override call(inputs: tf.Tensor | tf.Tensor[], kwargs: Kwargs): tf.Tensor {
    return tf.tidy(() => {
      const x = onlyInput(inputs, 'DepthwiseConvolution1d') as tf.Tensor3D;
      const mask = paddingMask(kwargs, x, 'DepthwiseConvolution1d');
      const visible = mask === undefined ? x : tf.mul(x, tf.expandDims(tf.cast(mask, 'float32'), 2));
      const {padding, dilationRate} = this;
      const y = depthwiseConv1d(visible as tf.Tensor3D, this.kernel.read() as tf.Tensor2D, {padding, dilationRate});
      return this.bias === undefined ? y : tf.add(y, this.bias.read());
    });
  }

  override computeOutputShape(inputShape: Shape): Shape {
    return inputShape;
  }

  override getConfig(): tf.serialization.ConfigDict {
    const {kernelSize, padding, dilationRate, useBias} = this;
    return {
      ...super.getConfig(),
      kernelSize,
      padding,
      dilationRate,
      useBias,
      kernelInitializer: serialize(this.kernelInitializer) as never,
      biasInitializer: serialize(this.biasInitializer) as never,
    };
  }
}
tf.serialization.registerClass(DepthwiseConvolution1d);

/** Makes a {@link DepthwiseConvolution1d} layer. */
export function depthwiseConvolution1d(args: DepthwiseConvolution1dArgs): DepthwiseConvolution1d {
  return withKnownOptions(new DepthwiseConvolution1d(args), args);
}
