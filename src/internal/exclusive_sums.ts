/** Sums along axis 1 of `[G, N, E]` as trees of pairs: the rounding error grows with log N, the time with N. */
import * as tf from '@tensorflow/tfjs-core';

/**
 * Entry i of the result is the sum of all entries before i, or after it with `reverse`. Unlike `tf.cumsum` it has the
 * right gradient on every axis and backend.
 */
export function exclusiveSums(x: tf.Tensor3D, reverse = false): tf.Tensor3D {
  return tf.customGrad(input => ({
    value: tf.tidy(() => scan(input as tf.Tensor3D, reverse)),
    gradFunc: (dy: tf.Tensor) => exclusiveSums(dy as tf.Tensor3D, !reverse),
  }))(x) as tf.Tensor3D;
}

function scan(x: tf.Tensor3D, reverse: boolean): tf.Tensor3D {
  const [groups, count, size] = x.shape;
  if (count === 1) return tf.zerosLike(x);
  const even = count + (count % 2);
  return tf.tidy(() => {
    const [left, right] = tf.split(tf.reshape(padTo(x, even), [groups, even / 2, 2 * size]), 2, 2) as tf.Tensor3D[];
    const outside = scan(tf.add(left, right), reverse);
    const pair = reverse ? [tf.add(outside, right), outside] : [outside, tf.add(outside, left)];
    const sums = tf.reshape(tf.concat(pair, 2), [groups, even, size]) as tf.Tensor3D;
    return even === count ? sums : tf.slice(sums, [0, 0, 0], [groups, count, size]);
  });
}

/** The sum of all entries, `[G, E]`. It has no gradient of its own: callers bring theirs. */
export function pairwiseSum(x: tf.Tensor3D): tf.Tensor2D {
  const [groups, count, size] = x.shape;
  if (count === 1) return tf.reshape(x, [groups, size]);
  const half = Math.ceil(count / 2);
  return tf.tidy(() => {
    const padded = padTo(x, 2 * half);
    const first = tf.slice(padded, [0, 0, 0], [groups, half, size]);
    return pairwiseSum(tf.add(first, tf.slice(padded, [0, half, 0], [groups, half, size])));
  });
}

/** `[G, N, E]` with zeros behind, up to `count` entries. */
export function padTo(x: tf.Tensor3D, count: number): tf.Tensor3D {
  const missing = count - x.shape[1];
  if (missing === 0) return x;
  return tf.pad(x, [
    [0, 0],
    [0, missing],
    [0, 0],
  ]);
}
