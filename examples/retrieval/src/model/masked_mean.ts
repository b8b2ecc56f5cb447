import * as tf from '@tensorflow/tfjs';

/** Mean of the vectors of a sequence whose mask is true: `[B, T, C]` to `[B, C]`. */
export class MaskedMean extends tf.layers.Layer {
  static readonly className = 'MaskedMean';

  constructor(args: object = {}) {
    super(args);
    this.supportsMasking = true;
  }

  override computeMask(): tf.Tensor {
    return null as never; // the mask ends here; the types of tfjs know no layer without one
  }

  override call(inputs: tf.Tensor | tf.Tensor[], {mask}: {mask?: tf.Tensor}): tf.Tensor {
    return tf.tidy(() => {
      const x = Array.isArray(inputs) ? inputs[0] : inputs;
      if (mask === undefined) return tf.mean(x, 1);
      const weights = tf.cast(mask, 'float32').reshape([x.shape[0], x.shape[1]!, 1]); // a sum of layers has [1, B, T]
      return tf.div(tf.sum(tf.mul(x, weights), 1), tf.maximum(tf.sum(weights, 1), 1));
    });
  }

  override computeOutputShape([batch, , channels]: tf.Shape): tf.Shape {
    return [batch, channels];
  }
}
tf.serialization.registerClass(MaskedMean);
