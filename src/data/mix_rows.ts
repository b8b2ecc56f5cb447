import * as tf from '@tensorflow/tfjs-core';

import {mapTensors, type Tensors} from './batch.js';

/**
 * `share · x + (1 − share) · x[order]` of each tensor.
 *
 * @param share `[B]`, or `[1]` for all samples.
 */
export const mixRows = (tensors: Tensors, share: tf.Tensor1D, order: readonly number[]): Tensors =>
  mapTensors(tensors, x => {
    const own = tf.reshape(share, [-1, ...x.shape.slice(1).map(() => 1)]);
    const others = tf.gather(x, tf.tensor1d([...order], 'int32'));
    return tf.add(others, tf.mul(own, tf.sub(x, others)));
  });
