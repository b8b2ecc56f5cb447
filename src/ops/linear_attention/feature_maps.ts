import * as tf from '@tensorflow/tfjs-core';

import {detached} from '../../internal/detached.js';
import {maskedScore} from '../../internal/numbers.js';
import type {FeatureMapName} from './options.js';

/** What a feature map may depend on besides queries and keys. */
export interface FeatureContext {
  /** `[B, 1, S, 1]` or `[B, S, 1]`, 1 for the keys to keep; absent when all are. */
  keep?: tf.Tensor;
  /** exp and softmax: what is taken off the keys, `[..., 1, 1]` or `[..., 1, D]`. */
  shift?: tf.Tensor;
  /** Tokens before the first one. */
  position: number;
  /** cosformer: the length that angles are relative to. */
  length: number;
}

/** Largest exponent of `unit`: a row without keys has an arbitrary shift. */
const LARGEST_EXPONENT = 80;

/** φ(q). */
export const queryFeatures = (map: FeatureMapName, q: tf.Tensor, context: FeatureContext): tf.Tensor =>
  tf.tidy(() => MAPS[map].query(q, context));

/** φ(k), of which the removed keys have none. */
export function keyFeatures(map: FeatureMapName, k: tf.Tensor, context: FeatureContext): tf.Tensor {
  const {keep} = context;
  return tf.tidy(() => {
    if (keep === undefined) return MAPS[map].key(k, context);
    return tf.mul(MAPS[map].key(tf.mul(k, keep), context), keep); // no overflow where padding holds anything
  });
}

/** By how much the shifts make the weights of a query smaller, `[..., T, 1]` or `[..., 1, 1]`; absent for 1. */
export const unitOf = (map: FeatureMapName, q: tf.Tensor, context: FeatureContext): tf.Tensor | undefined =>
  MAPS[map].unit?.(q, context);

/** The number of features for keys of `size` channels. */
export const featureCount = (map: FeatureMapName, size: number): number =>
  map === 'cosine' ? size + 1 : map === 'cosformer' ? 2 * size : size;

/** Whether keys enter by their exponential, which needs a shift. */
export const needsShift = (map: FeatureMapName): boolean => map === 'exp' || map === 'softmax';

/**
 * The largest of the keys that are kept: over positions and channels, where one factor cancels in the ratio, or over
 * positions only, where efficient attention divides each feature by its own sum.
 */
export function shiftOf(k: tf.Tensor, keep: tf.Tensor | undefined, perFeature: boolean): tf.Tensor {
  const axes = perFeature ? [k.rank - 2] : [k.rank - 2, k.rank - 1];
  if (keep === undefined) return tf.max(k, axes, true);
  return tf.max(tf.add(tf.mul(k, keep), tf.mul(tf.sub(1, keep), maskedScore())), axes, true);
}

type FeatureMap = (x: tf.Tensor, context: FeatureContext) => tf.Tensor;

interface MapOfBoth {
  query: FeatureMap;
  key: FeatureMap;
  unit?: FeatureMap;
}

const alike = (map: FeatureMap): MapOfBoth => ({query: map, key: map});

/** The largest channel; it cancels in the ratio, and so does its gradient. */
const largest = (q: tf.Tensor): tf.Tensor => detached(q, q => tf.max(q, -1, true));

const MAPS: Record<FeatureMapName, MapOfBoth> = {
  identity: alike(x => x),
  relu: alike(x => tf.relu(x)),
  elu: alike(x => tf.add(tf.elu(x), 1)),
  cosine: alike(x => tf.concat([tf.ones([...x.shape.slice(0, -1), 1]), unitLength(x)], -1)),
  cosformer: alike((x, {position, length}) => withAngles(tf.relu(x), position, length)),
  exp: {
    query: q => tf.exp(tf.sub(q, largest(q))),
    key: shiftedExp,
    unit: (q, {shift}) => inverseExp(tf.add(largest(q), shift!)),
  },
  softmax: {
    query: q => tf.softmax(q),
    key: shiftedExp,
    unit: (_, {shift}) => inverseExp(shift!),
  },
};

/** exp(k − shift); removed keys give 1, which does not overflow whatever the shift of a row without keys is. */
function shiftedExp(k: tf.Tensor, {shift, keep}: FeatureContext): tf.Tensor {
  const exponent = tf.sub(k, shift!);
  return tf.exp(keep === undefined ? exponent : tf.mul(exponent, keep));
}

const inverseExp = (x: tf.Tensor): tf.Tensor => tf.exp(tf.minimum(tf.neg(x), LARGEST_EXPONENT));

/** x/|x|, and 0 for 0. */
const unitLength = (x: tf.Tensor): tf.Tensor => tf.mul(x, tf.rsqrt(tf.add(tf.sum(tf.square(x), -1, true), 1e-12)));

/** [x sin θ_i, x cos θ_i] with θ_i = π/2 · (i + 1)/length. */
function withAngles(x: tf.Tensor, position: number, length: number): tf.Tensor {
  const rows = x.shape[x.rank - 2];
  const angles = Array.from({length: rows}, (_, i) => (Math.PI / 2) * ((position + i + 1) / length));
  const [sin, cos] = [Math.sin, Math.cos].map(turn => tf.tensor2d(angles.map(turn), [rows, 1]));
  return tf.concat([tf.mul(x, sin), tf.mul(x, cos)], -1);
}
