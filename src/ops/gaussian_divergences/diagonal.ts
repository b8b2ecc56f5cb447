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

/** The gradients of a divergence for both, from the one of its values, `[..., 1]`. */
export type DiagonalGradient = (p: DiagonalGaussian, q: DiagonalGaussian, dy: tf.Tensor) => DiagonalGaussian[];

/** For means ± d / σ₂²; for log σ₁² ½ (e^x − 1), and for log σ₂² −½ (e^x − 1 + d² / σ₂²). */
export const diagonalKlGradient: DiagonalGradient = (p, q, dy) => {
  const d = tf.sub(p.mean, q.mean);
  const distance = tf.mul(d, tf.exp(tf.neg(q.logVar)));
  const ratio = tf.expm1(tf.sub(p.logVar, q.logVar));
  const half = tf.mul(dy, 0.5);
  return [
    {mean: tf.mul(dy, distance), logVar: tf.mul(half, ratio)},
    {mean: tf.neg(tf.mul(dy, distance)), logVar: tf.neg(tf.mul(half, tf.add(ratio, tf.mul(d, distance))))},
  ];
};

/** For means ± d / 2v; for log variances −d² σ² / 4v² ± ¼ tanh x, with v = σ₁² + σ₂² and σ² / v = sigmoid(± 2x). */
export const diagonalBhattacharyyaGradient: DiagonalGradient = (p, q, dy) => {
  const x = tf.mul(tf.sub(p.logVar, q.logVar), 0.5);
  const d = tf.sub(p.mean, q.mean);
  const slope = tf.div(d, tf.mul(tf.add(tf.exp(p.logVar), tf.exp(q.logVar)), 2));
  const ofMean = tf.mul(dy, slope);
  const tanh = tf.mul(tf.tanh(x), 0.25);
  const ofShare = (share: tf.Tensor) => tf.mul(tf.mul(tf.mul(d, slope), share), 0.5);
  return [
    {mean: ofMean, logVar: tf.mul(dy, tf.sub(tanh, ofShare(tf.sigmoid(tf.mul(x, 2)))))},
    {mean: tf.neg(ofMean), logVar: tf.neg(tf.mul(dy, tf.add(tanh, ofShare(tf.sigmoid(tf.mul(x, -2))))))},
  ];
};

/** For means ± 2d; for log variances (σ₁ − σ₂) σ₁ and −(σ₁ − σ₂) σ₂. */
export const diagonalWassersteinGradient: DiagonalGradient = (p, q, dy) => {
  const [deviationP, deviationQ] = [p, q].map(({logVar}) => tf.exp(tf.mul(logVar, 0.5)));
  const ofMean = tf.mul(tf.mul(dy, 2), tf.sub(p.mean, q.mean));
  const gap = tf.mul(dy, tf.sub(deviationP, deviationQ));
  return [
    {mean: ofMean, logVar: tf.mul(gap, deviationP)},
    {mean: tf.neg(ofMean), logVar: tf.neg(tf.mul(gap, deviationQ))},
  ];
};
