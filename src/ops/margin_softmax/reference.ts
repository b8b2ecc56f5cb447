import * as tf from '@tensorflow/tfjs-core';

import {detached} from '../../internal/detached.js';
import {LARGEST_COSINE, type MarginAttrs, type MarginKind} from './name.js';

/** The loss `[R]` from tfjs ops: the ground truth for every kernel in this folder. */
export function marginSoftmaxReference(labels: tf.Tensor, cosines: tf.Tensor2D, attrs: MarginAttrs): tf.Tensor1D {
  const t = degrees(labels, cosines);
  const {logits, logPartition} = harden(cosines, t, attrs);
  return tf.sum(tf.mul(t, tf.sub(logPartition, logits)), 1);
}

/** Its gradient for the cosines: dy · scale · (p Σ t − t) (1 + t (ψ′ − 1)). */
export function marginGradientReference(
  dy: tf.Tensor1D,
  labels: tf.Tensor,
  cosines: tf.Tensor2D,
  attrs: MarginAttrs,
): tf.Tensor2D {
  const t = degrees(labels, cosines);
  const {logits, logPartition} = harden(cosines, t, attrs);
  const shares = tf.mul(tf.sum(t, 1, true), tf.exp(tf.sub(logits, logPartition)));
  const slopes = tf.add(1, tf.mul(t, tf.sub(MARGINS[attrs.kind].slope(cosines, attrs.margin), 1)));
  return tf.mul(tf.mul(tf.expandDims(dy, 1), attrs.scale), tf.mul(tf.sub(shares, t), slopes));
}

/** `[R, C]` float32, from class numbers as well. */
function degrees(labels: tf.Tensor, cosines: tf.Tensor2D): tf.Tensor2D {
  if (labels.rank === 2) return tf.cast(labels as tf.Tensor2D, 'float32');
  const classes = tf.range(0, cosines.shape[1], 1, 'int32');
  return tf.cast(tf.equal(tf.expandDims(tf.cast(labels, 'int32'), 1), classes), 'float32') as tf.Tensor2D;
}

/** Logits less their largest, in which a small loss keeps its digits, and the logarithm of their sum. */
function harden(cosines: tf.Tensor, t: tf.Tensor, {kind, margin, scale}: MarginAttrs) {
  const target = MARGINS[kind].target(cosines, margin);
  const hard = tf.mul(tf.add(cosines, tf.mul(t, tf.sub(target, cosines))), scale);
  const logits = tf.sub(hard, tf.max(hard, 1, true));
  return {logits, logPartition: tf.log(tf.sum(tf.exp(logits), 1, true))};
}

interface Margin {
  /** ψ(c) ≤ c, for every element. */
  target(cosines: tf.Tensor, margin: number): tf.Tensor;
  /** ψ′. */
  slope(cosines: tf.Tensor, margin: number): tf.Tensor;
}

const clipped = (cosines: tf.Tensor) => tf.clipByValue(cosines, -LARGEST_COSINE, LARGEST_COSINE);
const sines = (cosines: tf.Tensor) => tf.sqrt(tf.mul(tf.sub(1, cosines), tf.add(1, cosines)));
/** θ < π − m; beyond, c − m sin m takes the place of cos(θ + m). */
const turns = (cosines: tf.Tensor, margin: number) => detached(cosines, x => tf.greater(x, -Math.cos(margin)));
/** cos 4θ = 8 c²(c² − 1) + 1. */
const fourfold = (square: tf.Tensor) => tf.add(tf.mul(tf.mul(square, tf.sub(square, 1)), 8), 1);

const MARGINS: Record<MarginKind, Margin> = {
  additive: {
    target: (cosines, margin) => tf.sub(cosines, margin),
    slope: cosines => tf.onesLike(cosines),
  },
  angular: {
    target: (cosines, margin) => {
      const x = clipped(cosines);
      const turned = tf.sub(tf.mul(x, Math.cos(margin)), tf.mul(sines(x), Math.sin(margin))); // cos(θ + m)
      return tf.where(turns(x, margin), turned, tf.sub(x, margin * Math.sin(margin)));
    },
    slope: (cosines, margin) => {
      const x = clipped(cosines);
      const turned = tf.add(Math.cos(margin), tf.mul(tf.div(x, sines(x)), Math.sin(margin))); // sin(θ + m) / sin θ
      return tf.where(turns(x, margin), turned, tf.onesLike(x));
    },
  },
  fourfold: {
    target: cosines => tf.minimum(cosines, fourfold(tf.square(cosines))),
    slope: cosines => {
      const square = tf.square(cosines);
      const steep = tf.mul(tf.mul(cosines, 16), tf.sub(tf.mul(square, 2), 1));
      const falls = detached(cosines, x => tf.less(fourfold(tf.square(x)), x));
      return tf.where(falls, steep, tf.onesLike(cosines));
    },
  },
};
