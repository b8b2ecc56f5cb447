/** Linear attention as one would write it with stock tfjs, from features `[B, H, T, M]` and values `[B, H, T, D]`. */
import * as tf from '@tensorflow/tfjs';

export const elu1 = (x: tf.Tensor4D): tf.Tensor4D => tf.add(tf.elu(x), 1);

/** All T² products of features, and a mask for the causal form. */
export function quadraticForm(
  queries: tf.Tensor4D,
  keys: tf.Tensor4D,
  values: tf.Tensor4D,
  epsilon: number,
  causal: boolean,
): tf.Tensor4D {
  const all = tf.matMul(queries, keys, false, true);
  const length = queries.shape[2];
  const weights = causal ? tf.mul(all, tf.linalg.bandPart(tf.ones([length, length]), -1, 0)) : all;
  return tf.div(tf.matMul(weights, values), tf.add(tf.sum(weights, -1, true), epsilon));
}

/**
 * Causal: all outer products k vᵀ, then a cumulative sum over positions. Those are the last axis of the cumulative
 * sums: on others the gradient of `tf.cumsum` is wrong.
 */
export function prefixSums(q: tf.Tensor4D, k: tf.Tensor4D, v: tf.Tensor4D, epsilon: number): tf.Tensor4D {
  const [batch, heads, length, features] = q.shape;
  const channels = v.shape[3];
  const groups = batch * heads;
  const [queries, keys] = [q, k].map(x => tf.reshape(x, [groups, length, features]));
  const values = tf.reshape(v, [groups, length, channels]);
  const outer = tf.mul(tf.expandDims(keys, 3), tf.expandDims(values, 2));
  const products = tf.reshape(outer, [groups, length, features * channels]) as tf.Tensor3D;
  const sums = tf.reshape(cumulative(products), [groups, length, features, channels]);
  const numerator = tf.sum(tf.mul(tf.expandDims(queries, 3), sums), 2);
  const denominator = tf.sum(tf.mul(queries, cumulative(keys as tf.Tensor3D)), -1, true);
  return tf.reshape(tf.div(numerator, tf.add(denominator, epsilon)), v.shape);
}

/** Causal, without a normaliser: products inside chunks, and the sums of the chunks before. */
export function chunkedForm(q: tf.Tensor4D, k: tf.Tensor4D, v: tf.Tensor4D, rows: number): tf.Tensor4D {
  const [batch, heads, length, features] = q.shape;
  const channels = v.shape[3];
  const chunks = length / rows;
  const [queries, keys, values] = [q, k, v].map(x =>
    tf.reshape(x, [batch * heads * chunks, rows, x.shape[3]]),
  ) as tf.Tensor3D[];
  const scores = tf.matMul(queries, keys, false, true);
  const inside = tf.matMul(tf.mul(scores, tf.linalg.bandPart(tf.ones([rows, rows]), -1, 0)), values);
  const own = tf.reshape(tf.matMul(keys, values, true, false), [batch * heads, chunks, features * channels]);
  const before = tf.sub(tf.linalg.bandPart(tf.ones([chunks, chunks]), -1, 0), tf.eye(chunks));
  const triangles = tf.tile(tf.expandDims(before, 0), [batch * heads, 1, 1]);
  const sums = tf.reshape(tf.matMul(triangles, own), [batch * heads * chunks, features, channels]);
  return tf.reshape(tf.add(inside, tf.matMul(queries, sums)), v.shape);
}

/** Cumulative sums over axis 1 of `[G, T, E]`. */
function cumulative(x: tf.Tensor3D): tf.Tensor3D {
  const [groups, length, size] = x.shape;
  const rows = tf.reshape(tf.transpose(x, [0, 2, 1]), [groups * size, length]);
  return tf.transpose(tf.reshape(tf.cumsum(rows, 1), [groups, size, length]) as tf.Tensor3D, [0, 2, 1]);
}
