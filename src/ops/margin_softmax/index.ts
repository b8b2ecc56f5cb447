import * as tf from '@tensorflow/tfjs-core';

/** How the cosine of the true class is made harder. */
export interface Margin {
  /** ψ(cos) ≤ cos, for every element. */
  target(cosines: tf.Tensor): tf.Tensor;
  /** ψ′. */
  slope(cosines: tf.Tensor): tf.Tensor;
}

/**
 * Softmax cross-entropy of scaled cosines in which a margin makes the true class harder,
 *
 *   z = scale · (cos + t (ψ(cos) − cos)),  loss = Σ t (log Σ exp z − z).
 *
 * The margin is inside one log-sum-exp, so that the loss is never negative. Labels get no gradient.
 *
 * @param labels `[B, C]`, one-hot or a mixture.
 * @param cosines `[B, C]`.
 * @returns `[B]`.
 */
export function marginSoftmax(labels: tf.Tensor2D, cosines: tf.Tensor2D, scale: number, margin: Margin): tf.Tensor1D {
  const op = tf.customGrad((...args) => {
    const [x, save] = args as unknown as [tf.Tensor2D, tf.GradSaveFunc];
    save([x, labels]);
    return {
      value: tf.tidy(() => {
        const {logits, logPartition} = harden(x, labels, scale, margin);
        return tf.sum(tf.mul(labels, tf.sub(logPartition, logits)), 1);
      }),
      gradFunc: (dy, [x, labels]) =>
        tf.tidy(() => {
          const {logits, logPartition} = harden(x, labels as tf.Tensor2D, scale, margin);
          const shares = tf.mul(tf.sum(labels, 1, true), tf.exp(tf.sub(logits, logPartition)));
          const slopes = tf.add(1, tf.mul(labels, tf.sub(margin.slope(x), 1)));
          return tf.mul(tf.mul(tf.expandDims(dy as tf.Tensor1D, 1), scale), tf.mul(tf.sub(shares, labels), slopes));
        }),
    };
  });
  return op(cosines) as tf.Tensor1D;
}

/** Logits less their largest, in which a small loss keeps its digits, and the logarithm of their sum. */
function harden(cosines: tf.Tensor, labels: tf.Tensor, scale: number, {target}: Margin) {
  const hard = tf.mul(tf.add(cosines, tf.mul(labels, tf.sub(target(cosines), cosines))), scale);
  const logits = tf.sub(hard, tf.max(hard, 1, true));
  return {logits, logPartition: tf.log(tf.sum(tf.exp(logits), 1, true))};
}
