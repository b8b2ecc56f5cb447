import * as tf from '@tensorflow/tfjs-core';
import {initializers, type LayerVariable, layers, type Shape} from '@tensorflow/tfjs-layers';

import {check, checkInteger, checkRange} from '../internal/check.js';
import {withKnownOptions} from '../internal/known_options.js';
import {firstMask, namedInputs} from '../internal/layer_inputs.js';
import {resolveActivation} from '../internal/serialization.js';
import type {LayerArgs} from '../internal/tfjs_types.js';
import {dense} from '../ops/dense/index.js';

export interface ConditionalLayerNormalizationArgs extends LayerArgs {
  /** Whether to subtract the mean. Defaults to true. */
  zeroMean?: boolean;
  /** Width of a bias-free dense layer that the condition passes first. Defaults to `null`, none. */
  hiddenUnits?: number | null;
  /** Its activation. Defaults to `'linear'`. */
  hiddenActivation?: string;
  /** Added to the variance, inside the root. Defaults to 1e-7. */
  epsilon?: number;
}

/**
 * Layer normalisation whose scale and offset follow a condition,
 *
 *   y = (γ + c Wγ) ⊙ (x − mean) / √(variance + ε) + (β + c Wβ).
 *
 * Wγ and Wβ start at zero, so that a fresh layer is plain layer normalisation.
 *
 * - Inputs: `x [B, ..., C]` and `c [B, K]`, float32. Output: `[B, ..., C]`. The mask of `x` passes through.
 * - Weights: `beta [C]`, `gamma [C]`, `hidden_dense/kernel` with `hiddenUnits`, `beta_dense/kernel [K, C]`,
 *   `gamma_dense/kernel [K, C]`, in the order of bert4keras (tfjs's LayerNormalization stores gamma first).
 *
 * ```ts
 * const layer = tfa.layers.conditionalLayerNormalization();
 * layer.apply([tf.randomNormal([2, 7, 8]), tf.ones([2, 3])]); // [2, 7, 8]
 * ```
 *
 * Reference: kexue.fm/archives/7124; bert4keras `LayerNormalization(conditional=True)`.
 */
export class ConditionalLayerNormalization extends layers.Layer {
  static readonly className = 'ConditionalLayerNormalization';

  readonly zeroMean: boolean;
  readonly hiddenUnits: number | null;
  readonly hiddenActivation: string;
  readonly epsilon: number;
  private readonly activate: (x: tf.Tensor) => tf.Tensor;
  private beta!: LayerVariable;
  private gamma!: LayerVariable;
  private hidden?: LayerVariable;
  private toBeta!: LayerVariable;
  private toGamma!: LayerVariable;

  constructor(args: ConditionalLayerNormalizationArgs = {}) {
    super(args);
    const {zeroMean = true, hiddenUnits = null, hiddenActivation = 'linear', epsilon = 1e-7} = args;
    const where = 'ConditionalLayerNormalization';
    if (hiddenUnits !== null) checkInteger(hiddenUnits, where, 'hiddenUnits');
    checkRange(epsilon, where, 'epsilon', [0, Number.POSITIVE_INFINITY], {low: true});
    this.zeroMean = zeroMean;
    this.hiddenUnits = hiddenUnits;
    this.hiddenActivation = hiddenActivation;
    this.epsilon = epsilon;
    this.activate = resolveActivation(hiddenActivation);
    this.supportsMasking = true;
  }

  override build(inputShape: Shape | Shape[]): void {
    const isPair = Array.isArray(inputShape[0]) && inputShape.length === 2;
    check(isPair, 'ConditionalLayerNormalization', 'the inputs x and condition', {shape: inputShape});
    const [channels, condition] = (inputShape as Shape[]).map(shape => shape[shape.length - 1] as number);
    const zeros = () => initializers.zeros();
    this.beta = this.addWeight('beta', [channels], 'float32', zeros());
    this.gamma = this.addWeight('gamma', [channels], 'float32', initializers.ones());
    if (this.hiddenUnits !== null) {
      const start = initializers.glorotUniform({});
      this.hidden = this.addWeight('hidden_dense/kernel', [condition, this.hiddenUnits], 'float32', start);
    }
    const width = this.hiddenUnits ?? condition;
    this.toBeta = this.addWeight('beta_dense/kernel', [width, channels], 'float32', zeros());
    this.toGamma = this.addWeight('gamma_dense/kernel', [width, channels], 'float32', zeros());
    super.build(inputShape);
  }

  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    return tf.tidy(() => {
      const where = 'ConditionalLayerNormalization';
      const {x, condition} = namedInputs(inputs, ['x', 'condition'] as const, where);
      check(condition!.rank === 2, where, 'a condition of shape [B, K]', condition);
      const code =
        this.hidden === undefined ? condition! : this.activate(dense(condition!, this.hidden.read() as tf.Tensor2D));
      const centred = this.zeroMean ? tf.sub(x!, tf.mean(x!, -1, true)) : x!;
      const normal = tf.mul(centred, tf.rsqrt(tf.add(tf.mean(tf.square(centred), -1, true), this.epsilon)));
      const spread = (base: LayerVariable, change: LayerVariable) => {
        const perSample = tf.add(base.read(), dense(code, change.read() as tf.Tensor2D)); // [B, C]
        return tf.reshape(perSample, [x!.shape[0], ...Array(x!.rank - 2).fill(1), x!.shape[x!.rank - 1]]);
      };
      return tf.add(tf.mul(normal, spread(this.gamma, this.toGamma)), spread(this.beta, this.toBeta));
    });
  }

  override computeOutputShape(inputShape: Shape | Shape[]): Shape {
    return (inputShape as Shape[])[0];
  }

  override computeMask(_inputs: tf.Tensor | tf.Tensor[], mask?: tf.Tensor | tf.Tensor[]): tf.Tensor {
    return firstMask(mask);
  }

  override getConfig(): tf.serialization.ConfigDict {
    const {zeroMean, hiddenUnits, hiddenActivation, epsilon} = this;
    return {...super.getConfig(), zeroMean, hiddenUnits, hiddenActivation, epsilon};
  }
}
tf.serialization.registerClass(ConditionalLayerNormalization);

/** Makes a {@link ConditionalLayerNormalization} layer. */
export function conditionalLayerNormalization(
  args: ConditionalLayerNormalizationArgs = {},
): ConditionalLayerNormalization {
  return withKnownOptions(new ConditionalLayerNormalization(args), args);
}
