import * as tf from '@tensorflow/tfjs';
import * as tfa from 'tfjs-addons';

export interface Sizes {
  /** Channels C; a multiple of the heads. */
  width: number;
  heads: number;
  /** Blocks of attention and feed-forward layer. */
  blocks: number;
}

/** Characters that the convolution of each block sees. */
const NEAR = 4;

/** x + f(norm(x)). */
export function residual(x: tf.SymbolicTensor, f: (normal: tf.SymbolicTensor) => tf.SymbolicTensor): tf.SymbolicTensor {
  const normal = tfa.layers.rmsNormalization().apply(x) as tf.SymbolicTensor;
  return tf.layers.add().apply([x, f(normal)]) as tf.SymbolicTensor;
}

export const feedForward = (x: tf.SymbolicTensor, {width}: Sizes): tf.SymbolicTensor =>
  residual(x, normal => {
    const hidden = tf.layers.dense({units: 4 * width, activation: 'swish'}).apply(normal);
    return tf.layers.dense({units: width}).apply(hidden) as tf.SymbolicTensor;
  });

/** x plus a causal convolution over the last characters: what is near costs no attention. */
export function neighbours(x: tf.SymbolicTensor): tf.SymbolicTensor {
  const mixed = tfa.layers.depthwiseConvolution1d({kernelSize: NEAR, padding: 'causal'}).apply(x);
  return tf.layers.add().apply([x, mixed as tf.SymbolicTensor]) as tf.SymbolicTensor;
}
