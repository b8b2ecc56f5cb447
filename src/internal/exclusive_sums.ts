/** Sums along axis 1 of `[G, N, E]` as trees: the rounding error grows with log N, the time with N. */
import * as tf from '@tensorflow/tfjs-core';

/** Entries that one product with a triangle of ones sums up. */
const BLOCK = 16;

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
  if (count <= BLOCK) return tf.matMul(strictTriangle(count, reverse), x);
  const blocks = Math.ceil(count / BLOCK);
  return tf.tidy(() => {
    const inBlocks = tf.reshape(padTo(x, blocks * BLOCK), [groups * blocks, BLOCK, size]) as tf.Tensor3D;
    const inside = scan(inBlocks, reverse);
    const totals = tf.reshape(tf.sum(inBlocks, 1), [groups, blocks, size]) as tf.Tensor3D;
    const outside = tf.reshape(scan(totals, reverse), [groups * blocks, 1, size]);
    const sums = tf.reshape(tf.add(inside, outside), [groups, blocks * BLOCK, size]) as tf.Tensor3D;
    return blocks * BLOCK === count ? sums : tf.slice(sums, [0, 0, 0], [groups, count, size]);
  });
}

/** `[1, N, N]`: 1 where the column comes before the row, or after it with `reverse`. */
export function strictTriangle(count: number, reverse: boolean): tf.Tensor3D {
  const cells = Array.from({length: count * count}, (_, cell) => {
    const [row, column] = [Math.floor(cell / count), cell % count];
    return Number(reverse ? column > row : column < row);
  });
  return tf.tensor3d(cells, [1, count, count]);
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
