import * as tf from '@tensorflow/tfjs-core';

import type {RotaryLayout, RotaryTables} from './tables.js';

/** Rotates each channel pair (a, b) to (a cos − b sin, b cos + a sin) with composed tfjs ops: the ground truth. */
export function rotaryEmbeddingReference(x: tf.Tensor, {cos, sin}: RotaryTables, layout: RotaryLayout): tf.Tensor {
  const channels = x.shape[x.rank - 1];
  const lead = x.shape.slice(0, -1);
  const pairShape = layout === 'half' ? [...lead, 2, channels / 2] : [...lead, channels / 2, 2];
  const axis = layout === 'half' ? x.rank - 1 : x.rank; // the axis of length 2
  const [a, b] = tf.unstack(tf.reshape(x, pairShape), axis);
  const rotated = [tf.sub(tf.mul(a, cos), tf.mul(b, sin)), tf.add(tf.mul(b, cos), tf.mul(a, sin))];
  return tf.reshape(tf.stack(rotated, axis), x.shape);
}
