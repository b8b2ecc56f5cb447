/** What the stock programs share: plain tfjs, as one would write it without this package. */
import * as tf from '@tensorflow/tfjs';

/** `x W + b` over the last axis, as `tf.layers.dense` computes it. */
export const stockDense = (x: tf.Tensor, kernel: tf.Tensor, bias: tf.Tensor): tf.Tensor => {
  const y = tf.add(tf.matMul(tf.reshape(x, [-1, kernel.shape[0]]), kernel as tf.Tensor2D), bias);
  return tf.reshape(y, [...x.shape.slice(0, -1), kernel.shape[1] as number]);
};

/** cos and sin for each channel of `[T, D]`. */
export function stockTables(length: number, size: number): [tf.Tensor2D, tf.Tensor2D] {
  const angle = (i: number) => Math.floor(i / size) * 10000 ** ((-2 * Math.floor((i % size) / 2)) / size);
  const angles = Array.from({length: length * size}, (_, i) => angle(i));
  return [tf.tensor2d(angles.map(Math.cos), [length, size]), tf.tensor2d(angles.map(Math.sin), [length, size])];
}

/** Rotary embedding of `[..., T, D]` with `stockTables`. */
export function stockRotate(x: tf.Tensor, [cos, sin]: [tf.Tensor, tf.Tensor]): tf.Tensor {
  const size = x.shape[x.rank - 1];
  const [a, b] = tf.split(tf.reshape(x, [...x.shape.slice(0, -1), size / 2, 2]), 2, x.rank);
  const turned = tf.reshape(tf.concat([tf.neg(b), a], x.rank), x.shape);
  return tf.add(tf.mul(x, cos), tf.mul(turned, sin));
}

/** −1e12 where the end lies before the start, `[T, T]`. */
export const stockTriangle = (length: number): tf.Tensor2D =>
  tf.tidy(() => tf.mul(tf.sub(1, tf.linalg.bandPart(tf.ones([length, length]), 0, -1)), -1e12));

/** Normal numbers in the upper triangle, 0 elsewhere: no gradient enters through impossible cells. */
export const upperCotangent = (dy: tf.Tensor): tf.Tensor => tf.tidy(() => tf.linalg.bandPart(dy, 0, -1));

/**
 * Multi-label softmax cross-entropy as in bert4keras: both logarithms over all classes, those of the other kind pushed
 * away. `[..., C]` twice to `[...]`.
 */
export function stockMultilabelLoss(labels: tf.Tensor, logits: tf.Tensor): tf.Tensor {
  const signed = tf.mul(tf.sub(1, tf.mul(labels, 2)), logits);
  const zero = tf.zeros([...logits.shape.slice(0, -1), 1]);
  const [negative, positive] = [labels, tf.sub(1, labels)].map(others =>
    tf.logSumExp(tf.concat([tf.sub(signed, tf.mul(others, 1e12)), zero], -1), -1),
  );
  return tf.add(negative, positive);
}

/** The same of labels that are degrees: their logarithms are added to the logits, as bert4keras does. */
export function stockSoftMultilabelLoss(labels: tf.Tensor, logits: tf.Tensor): tf.Tensor {
  const zero = tf.zeros([...logits.shape.slice(0, -1), 1]);
  const [negative, positive] = [tf.add(logits, tf.log(tf.sub(1, labels))), tf.sub(tf.log(labels), logits)].map(
    exponents => tf.logSumExp(tf.concat([exponents, zero], -1), -1),
  );
  return tf.add(negative, positive);
}
