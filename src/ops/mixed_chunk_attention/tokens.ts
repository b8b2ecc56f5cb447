/** What FLASH does to its tokens before the projections. */
import * as tf from '@tensorflow/tfjs-core';

/** `(x − mean) / √(variance + ε) · γ + β` over the channels. */
export function layerNorm(x: tf.Tensor3D, gamma: tf.Tensor1D, beta: tf.Tensor1D, epsilon: number): tf.Tensor3D {
  const centred = tf.sub(x, tf.mean(x, -1, true));
  const normal = tf.mul(centred, tf.rsqrt(tf.add(tf.mean(tf.square(centred), -1, true), epsilon)));
  return tf.add(tf.mul(normal, gamma), beta);
}

/** `x / max(‖x‖/√C, ε) · gain`, with ε as in FLASH-pytorch. */
export function scaleNorm(x: tf.Tensor3D, gain: tf.Tensor1D, epsilon: number): tf.Tensor3D {
  const meanSquare = tf.mean(tf.square(x), -1, true);
  const bounded = tf.add(tf.relu(tf.sub(meanSquare, epsilon ** 2)), epsilon ** 2); // a maximum with a right gradient
  return tf.mul(tf.mul(x, tf.rsqrt(bounded)), gain);
}

/**
 * The first ⌈C/2⌉ channels of each token come from the token before it, the others stay.
 *
 * @param x `[B, T, C]`.
 * @param previous `[B, 1, ⌈C/2⌉]`, what comes before the first token. Defaults to zeros.
 */
export function shiftTokens(x: tf.Tensor3D, previous?: tf.Tensor3D): tf.Tensor3D {
  const [batch, length, channels] = x.shape;
  const half = Math.ceil(channels / 2);
  const [moved, rest] = tf.split(x, [half, channels - half], 2) as tf.Tensor3D[];
  const before = previous ?? (tf.zeros([batch, 1, half]) as tf.Tensor3D);
  const shifted = length === 1 ? before : tf.concat([before, tf.slice(moved, [0, 0, 0], [batch, length - 1, half])], 1);
  return tf.concat([shifted, rest], 2);
}
