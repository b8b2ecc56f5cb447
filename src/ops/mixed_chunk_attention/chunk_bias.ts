import * as tf from '@tensorflow/tfjs-core';

import {t5Bucket} from '../../internal/relative_buckets.js';
import {dense} from '../dense/index.js';

const MAX_DISTANCE = 128;

/**
 * `bias[i, j] = E[bucket(j − i)]` for a chunk of `rows` tokens, in memory rows² and not rows² · buckets: the value of
 * each distance is looked up once, and rows that are shifted copies of one another are cut from one repeated line.
 *
 * @param embeddings `[buckets, 1]`.
 */
export function chunkBias(embeddings: tf.Tensor2D, rows: number, bidirectional: boolean): tf.Tensor2D {
  const buckets = embeddings.shape[0];
  const line = 2 * rows; // distances 1 − rows … rows − 1, and one place to spare
  const oneHot = new Float32Array(line * buckets);
  for (let i = 0; i < line - 1; i++) {
    oneHot[i * buckets + t5Bucket(i + 1 - rows, buckets, MAX_DISTANCE, bidirectional)] = 1;
  }
  return tf.tidy(() => {
    const values = tf.reshape(dense(tf.tensor2d(oneHot, [line, buckets]), embeddings), [1, line]);
    const repeated = tf.reshape(tf.mul(values, tf.ones([rows, 1])), [rows * line]) as tf.Tensor1D;
    const shifted = tf.reshape(tf.slice(repeated, [0], [rows * (line - 1)]), [rows, line - 1]) as tf.Tensor2D;
    return tf.slice(shifted, [0, rows - 1], [rows, rows]);
  });
}
