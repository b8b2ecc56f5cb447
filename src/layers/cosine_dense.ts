import * as tf from '@tensorflow/tfjs-core';
import {type LayerVariable, layers, type Shape} from '@tensorflow/tfjs-layers';

import {check, checkInteger} from '../internal/check.js';
import {withKnownOptions} from '../internal/known_options.js';
import {onlyInput} from '../internal/layer_inputs.js';
import {
  type Initializer,
  type InitializerIdentifier,
  type Regularizer,
  type RegularizerIdentifier,
  resolveInitializer,
  resolveRegularizer,
  serialize,
} from '../internal/serialization.js';
import type {LayerArgs} from '../internal/tfjs_types.js';
import {cosineSimilarities} from '../ops/cosine_similarities/index.js';

export interface CosineDenseArgs extends LayerArgs {
  /** Number of classes U. */
  units: number;
  /** Initializer of the kernel, by name, config or instance. Defaults to `'glorotUniform'`. */
  kernelInitializer?: InitializerIdentifier;
  /** Penalty on the kernel. Defaults to none. */
  kernelRegularizer?: RegularizerIdentifier | null;
}

/**
 * The cosine between the input and a vector of each class, `y[..., u] = x · W[:, u] / (|x| |W[:, u]|)`.
 *
 * The last layer before `losses.amSoftmax`, `arcFace` and `angularSoftmax`. Afterwards drop it: what it normalises is
 * the embedding by which to compare and retrieve.
 *
 * - Input: `[..., C]`, float32. Output: `[..., U]`, in [−1, 1] up to rounding; 0 for a zero vector.
 * - Weights: `kernel [C, U]`; its columns need no unit norm.
 * - Masks pass through.
 *
 * ```ts
 * const hidden = tf.layers.dense({units: 8, inputShape: [4]});
 * const model = tf.sequential({layers: [hidden, tfa.layers.cosineDense({units: 3})]});
 * model.compile({optimizer: 'adam', loss: tfa.losses.amSoftmax});
 * ```
 *
 * Reference: Su Jianlin, kexue.fm/archives/5743; bojone/margin-softmax.
 */
export class CosineDense extends layers.Layer {
  static readonly className = 'CosineDense';

  readonly units: number;
  private readonly kernelInitializer: Initializer;
  private readonly kernelRegularizer?: Regularizer;
  private kernel!: LayerVariable;

  constructor({units, kernelInitializer = 'glorotUniform', kernelRegularizer, ...base}: CosineDenseArgs) {
    super(base);
    checkInteger(units, 'CosineDense', 'units');
    this.units = units;
    this.kernelInitializer = resolveInitializer(kernelInitializer, 'CosineDense');
    this.kernelRegularizer = resolveRegularizer(kernelRegularizer, 'CosineDense');
    this.supportsMasking = true;
  }

  override build(inputShape: Shape): void {
    const channels = inputShape[inputShape.length - 1];
    check(channels != null, 'CosineDense', 'a known last dimension', {shape: inputShape});
    const shape = [channels, this.units];
    this.kernel = this.addWeight('kernel', shape, 'float32', this.kernelInitializer, this.kernelRegularizer);
    super.build(inputShape);
  }

  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    return cosineSimilarities(onlyInput(inputs, 'CosineDense'), this.kernel.read() as tf.Tensor2D);
  }

  override computeOutputShape(inputShape: Shape): Shape {
    return [...inputShape.slice(0, -1), this.units];
  }

  override getConfig(): tf.serialization.ConfigDict {
    return {
      ...super.getConfig(),
      units: this.units,
      kernelInitializer: serialize(this.kernelInitializer) as never,
      kernelRegularizer: serialize(this.kernelRegularizer) as never,
    };
  }
}
tf.serialization.registerClass(CosineDense);

/** Makes a {@link CosineDense} layer. */
export function cosineDense(args: CosineDenseArgs): CosineDense {
  return withKnownOptions(new CosineDense(args), args);
}
