import * as tf from '@tensorflow/tfjs-core';

import {detached} from '../../internal/detached.js';
import {maskedScore} from '../../internal/numbers.js';
import {dense} from '../dense/index.js';
import {countOf, type FavorPlan} from './options.js';

/** Exponents of features above this are not needed: 65,536 keys of e^60 still have a float32 sum. */
export const LARGEST_FEATURE = 60;

/**
 * Random features `[..., T, M]` from composed tfjs ops.
 *
 * @param keep 1 for the keys to keep, `[B, 1, S, 1]` or `[B, S, 1]`; absent for queries and where all are kept.
 */
export function favorFeaturesReference(
  x: tf.Tensor,
  projection: tf.Tensor2D,
  plan: FavorPlan,
  isQuery: boolean,
  keep: tf.Tensor | undefined,
): tf.Tensor {
  const {kernel, epsilon} = plan;
  const clean = keep === undefined ? x : tf.mul(x, keep); // no overflow where padding holds anything
  const data = plan.normalizeData ? tf.mul(clean, x.shape[x.rank - 1] ** -0.25) : clean;
  const projected = dense(data, tf.transpose(projection));
  const features =
    kernel === 'trigonometric'
      ? trigonometric(data, projected, plan, isQuery, keep)
      : kernel === 'relu' || typeof kernel === 'function'
        ? generalised(projected, kernel, plan)
        : exponential(data, projected, projection, plan, isQuery, keep);
  const raised = epsilon === 0 ? features : tf.add(features, epsilon);
  const inside = kernel === 'relu' || typeof kernel === 'function'; // there the factor is inside the function
  const scaled =
    plan.featureScaling && !inside ? tf.mul(raised, countOf(raised.shape[raised.rank - 1]!, plan) ** -0.5) : raised;
  return keep === undefined ? scaled : tf.mul(scaled, keep);
}

function generalised(
  projected: tf.Tensor,
  kernel: 'relu' | ((x: tf.Tensor) => tf.Tensor),
  {featureScaling}: FavorPlan,
): tf.Tensor {
  const rows = projected.shape[projected.rank - 1];
  const argument = featureScaling ? tf.mul(projected, rows ** -0.5) : projected;
  return kernel === 'relu' ? tf.relu(argument) : kernel(argument);
}

/** exp(±ω·x − |x|²/2 − stabiliser); softmax has the sign + only. */
function exponential(
  data: tf.Tensor,
  projected: tf.Tensor,
  projection: tf.Tensor2D,
  plan: FavorPlan,
  isQuery: boolean,
  keep: tf.Tensor | undefined,
): tf.Tensor {
  const exponents = plan.kernel === 'hyperbolic' ? tf.concat([projected, tf.neg(projected)], -1) : projected;
  const centred = tf.sub(exponents, halfSquare(data));
  const stabilizer =
    plan.stabilizer === 'fixed' && !isQuery ? fixedBound(projection) : largestOf(exponents, plan, isQuery, keep);
  const stable = stabilizer === undefined ? centred : tf.sub(centred, stabilizer);
  return tf.exp(keep === undefined ? stable : tf.mul(stable, keep));
}

/** [cos ω·x, sin ω·x] · exp(|x|²/2); a query's factor cancels and is left out, unless there is no stabiliser. */
function trigonometric(
  data: tf.Tensor,
  projected: tf.Tensor,
  plan: FavorPlan,
  isQuery: boolean,
  keep: tf.Tensor | undefined,
): tf.Tensor {
  const waves = tf.concat([tf.cos(projected), tf.sin(projected)], -1);
  if (isQuery && plan.stabilizer !== 'none') return waves;
  const exponents = halfSquare(data);
  const stabilizer = plan.stabilizer === 'max' ? largestOf(exponents, plan, isQuery, keep) : undefined;
  return tf.mul(waves, tf.exp(stabilizer === undefined ? exponents : tf.sub(exponents, stabilizer)));
}

/** |x|²/2, `[..., T, 1]`. */
const halfSquare = (data: tf.Tensor): tf.Tensor => tf.mul(tf.sum(tf.square(data), -1, true), 0.5);

/** ω·x − |x|²/2 ≤ |ω|²/2 whatever x is; only what would make a feature too large is taken off. */
const fixedBound = (projection: tf.Tensor2D): tf.Tensor =>
  detached(projection, omega => {
    const bound = tf.max(tf.sum(tf.square(omega), 1));
    return tf.relu(tf.sub(tf.mul(bound, 0.5), LARGEST_FEATURE));
  });

/** The largest exponent of each query, or of all keys that are kept. */
function largestOf(
  exponents: tf.Tensor,
  {stabilizer, detachStabilizer}: FavorPlan,
  isQuery: boolean,
  keep: tf.Tensor | undefined,
): tf.Tensor | undefined {
  if (stabilizer === 'none') return undefined;
  const axes = isQuery ? [exponents.rank - 1] : [exponents.rank - 2, exponents.rank - 1];
  const largest = (x: tf.Tensor): tf.Tensor =>
    tf.max(keep === undefined ? x : tf.add(x, tf.mul(tf.sub(1, keep), maskedScore())), axes, true);
  return detachStabilizer ? detached(exponents, largest) : largest(exponents);
}
