import * as tf from '@tensorflow/tfjs';
import * as tfa from 'tfjs-addons';

/** What the map needs of a unit's config; the recogniser sets no other option that changes the weights. */
type UnitConfig = Pick<
  tfa.layers.GatedAttentionUnitArgs,
  | 'units'
  | 'keySize'
  | 'normalization'
  | 'attentionScale'
  | 'lengthBase'
  | 'minLength'
  | 'causal'
  | 'pBias'
  | 'ropeLayout'
  | 'ropeBase'
>;

/**
 * The attention weights of every gated attention unit of a model, `[B, T, T]` each. The unit itself never makes them
 * whole where a fused kernel runs, so they are computed again from its input and weights:
 *
 *   z = last part of swish(x Wi + bi);   A = weights of rotated γq ⊙ z + βq and γk ⊙ z + βk
 */
export class AttentionMaps {
  private readonly units: tf.layers.Layer[];
  private readonly inputsOfUnits: tf.LayersModel;

  constructor(model: tf.LayersModel) {
    this.units = unitsOf(model);
    const outputs = this.units.map(unit => unit.input as tf.SymbolicTensor);
    this.inputsOfUnits = tf.model({inputs: model.inputs, outputs});
  }

  /** @param features The inputs of the model, without padding. */
  of(features: tf.Tensor[]): tf.Tensor3D[] {
    return tf.tidy(() => {
      const inputs = [this.inputsOfUnits.predictOnBatch(features)].flat() as tf.Tensor3D[];
      return this.units.map((unit, i) => weightsOf(unit, inputs[i]));
    });
  }
}

/** The gated attention units of a model, from its input on. */
const unitsOf = (model: tf.LayersModel): tf.layers.Layer[] =>
  model.layers.filter(layer => layer.getClassName() === tfa.layers.GatedAttentionUnit.className);

function weightsOf(unit: tf.layers.Layer, x: tf.Tensor3D): tf.Tensor3D {
  const config = unit.getConfig() as unknown as UnitConfig;
  const {units, keySize, attentionScale, pBias, ropeLayout, ropeBase} = config;
  const [kernel, bias, queryBeta, queryGamma, keyBeta, keyGamma] = unit.getWeights();
  const [batch, length, channels] = x.shape;
  const keyKernel = tf.slice(kernel as tf.Tensor2D, [0, 2 * units], [channels, keySize]);
  const keyBias = tf.slice(bias as tf.Tensor1D, [2 * units], [keySize]);
  const projected = tf.add(tf.matMul(tf.reshape(x, [-1, channels]), keyKernel), keyBias);
  const z = tf.reshape(tfa.swish(projected), [batch, length, keySize]);
  const [q, k] = [
    [queryGamma, queryBeta],
    [keyGamma, keyBeta],
  ].map(([gamma, beta]) => {
    const scaled: tf.Tensor3D = tf.add(tf.mul(z, gamma), beta);
    return pBias === 'rotary' ? tfa.rotaryEmbedding(scaled, {layout: ropeLayout, base: ropeBase}) : scaled;
  });
  const {normalization, lengthBase, minLength, causal} = config;
  const scale = attentionScale === true ? 1 / Math.sqrt(keySize) : Number(attentionScale || 1);
  return tfa.attentionWeights(q, k, {normalization, lengthBase, minLength, causal, scale});
}
