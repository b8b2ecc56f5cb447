import * as tf from '@tensorflow/tfjs-core';

/** Means and logarithms of variances, `[..., N]`. */
export interface DiagonalGaussian {
  mean: tf.Tensor;
  logVar: tf.Tensor;
}

/** ½ Σ (e^x − 1 − x + d² / σ₂²), x = log σ₁² − log σ₂². */
export function diagonalKl(p: DiagonalGaussian, q: DiagonalGaussian): tf.Tensor {
  const x = tf.sub(p.logVar, q.logVar);
  const distance = tf.mul(tf.square(tf.sub(p.mean, q.mean)), tf.exp(tf.neg(q.logVar)));
  return tf.mul(tf.sum(tf.add(tf.sub(tf.expm1(x), x), distance), -1), 0.5);
}

/** Σ (d² / 4 (σ₁² + σ₂²) + ½ log cosh x), x = ½ (log σ₁² − log σ₂²). */
export function diagonalBhattacharyya(p: DiagonalGaussian, q: DiagonalGaussian): tf.Tensor {
  const distance = tf.div(tf.square(tf.sub(p.mean, q.mean)), tf.mul(tf.add(tf.exp(p.logVar), tf.exp(q.logVar)), 4));
  const x = tf.abs(tf.mul(tf.sub(p.logVar, q.logVar), 0.5));
  const logCosh = tf.sub(tf.add(x, tf.softplus(tf.mul(x, -2))), Math.LN2);
  return tf.sum(tf.add(distance, tf.mul(logCosh, 0.5)), -1);
}

/** Σ (d² + (σ₁ − σ₂)²). */
export function diagonalWasserstein(p: DiagonalGaussian, q: DiagonalGaussian): tf.Tensor {
  const [deviationP, deviationQ] = [p, q].map(({logVar}) => tf.exp(tf.mul(logVar, 0.5)));
  return tf.sum(tf.add(tf.square(tf.sub(p.mean, q.mean)), tf.square(tf.sub(deviationP, deviationQ))), -1);
}
