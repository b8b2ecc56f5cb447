import * as tf from '@tensorflow/tfjs-core';

import {detached} from '../../internal/detached.js';
import type {HeldProduct} from './held_product.js';
import {causalProduct, keyValueSums, readSums} from './products.js';

/** How ε keeps the denominator away from 0: added to it, or as its least value. */
export const EPSILON_RULES = ['add', 'max'] as const;

/** Everything of linear attention that is not a tensor. */
export interface LinearPlan {
  causal: boolean;
  /** Whether to divide by `φ(q_i) · Σ φ(k_j)`. */
  normalize: boolean;
  epsilon: number;
  epsilonRule: (typeof EPSILON_RULES)[number];
  /** Added to each entry of `Σ φ(k_j)` in the denominator. */
  keySumEpsilon: number;
  chunkSize?: number;
}

/** Feature tensors, `[..., T, M]` and `[..., S, M]`. */
export interface Features {
  q: tf.Tensor;
  k: tf.Tensor;
  /** How much smaller the features are than what ε is meant for, broadcastable to `[..., T, 1]`; absent for 1. */
  unit?: tf.Tensor;
}

/**
 * `y_i = φ(q_i)ᵀ Σ_j φ(k_j) v_jᵀ / φ(q_i)ᵀ Σ_j φ(k_j)` over all j, or j ≤ i. Numerator and denominator are one product:
 * the values get a column of ones.
 *
 * @param v `[..., S, D]`.
 * @param sums What came before, `[..., M, D + 1]`.
 * @param held Takes the causal product, or gives it.
 * @returns `[..., T, D]`.
 */
export function attendFeatures(
  {q, k, unit}: Features,
  v: tf.Tensor,
  plan: LinearPlan,
  sums: tf.Tensor | undefined,
  held?: HeldProduct,
): tf.Tensor {
  const lead = q.shape.slice(0, -2);
  const [length, channels] = [q.shape[q.rank - 2], v.shape[v.rank - 1]];
  const [queries, keys] = [flat(q), flat(k)];
  const values = plan.normalize ? withOnes(flat(v)) : flat(v);
  const shape = [...lead, length, values.shape[2]];
  const all = () => tf.reshape(product(queries, keys, values, plan, sums, held), shape);
  if (!plan.normalize) return all();
  const parts = () => tf.split(all(), [channels, 1], -1);
  const [numerator, denominator] = held === undefined ? tf.tidy(parts) : parts();
  return ratio(numerator, guarded(denominator, q, unit, plan));
}

function product(
  q: tf.Tensor3D,
  k: tf.Tensor3D,
  v: tf.Tensor3D,
  plan: LinearPlan,
  sums: tf.Tensor | undefined,
  held: HeldProduct | undefined,
): tf.Tensor {
  const {causal, chunkSize} = plan;
  const own = causal
    ? causalProduct(q, k, v, chunkSize, false, held?.product)
    : readSums(q, keyValueSums(k, v, chunkSize), chunkSize);
  if (held !== undefined) held.product = own;
  return sums === undefined ? own : tf.add(own, readSums(q, earlier(sums, plan), chunkSize));
}

/** `Σ_j φ(k_j) [v_j, 1]ᵀ`, `[..., M, D + 1]`. */
export function stateSums(k: tf.Tensor, v: tf.Tensor, {chunkSize}: LinearPlan): tf.Tensor {
  const sums = keyValueSums(flat(k), withOnes(flat(v)), chunkSize);
  return tf.reshape(sums, [...k.shape.slice(0, -2), ...sums.shape.slice(1)]);
}

/** `y_i = φ(q_i)ᵀ S`, where column f of S is the mean of the values weighted by feature f of the keys. */
export function attendWeightedMeans(q: tf.Tensor, k: tf.Tensor, v: tf.Tensor, {chunkSize}: LinearPlan): tf.Tensor {
  const channels = v.shape[v.rank - 1];
  const [sums, weights] = tf.split(keyValueSums(flat(k), withOnes(flat(v)), chunkSize), [channels, 1], 2);
  const means = ratio(sums, withoutZeros(weights)) as tf.Tensor3D;
  return tf.reshape(readSums(flat(q), means, chunkSize), [...q.shape.slice(0, -1), channels]);
}

/** `[..., T, E]` → `[G, T, E]`. */
const flat = (x: tf.Tensor): tf.Tensor3D => tf.reshape(x, [-1, x.shape[x.rank - 2], x.shape[x.rank - 1]]);

const withOnes = (v: tf.Tensor3D): tf.Tensor3D => tf.concat([v, tf.ones([v.shape[0], v.shape[1], 1])], 2);

/** The sums as the product needs them: the column of key sums only serves the denominator. */
function earlier(sums: tf.Tensor, {normalize}: LinearPlan): tf.Tensor3D {
  const all = flat(sums);
  return normalize ? all : tf.slice(all, [0, 0, 0], [all.shape[0], all.shape[1], all.shape[2] - 1]);
}

function guarded(denominator: tf.Tensor, q: tf.Tensor, unit: tf.Tensor | undefined, plan: LinearPlan): tf.Tensor {
  const {epsilon, epsilonRule, keySumEpsilon} = plan;
  const raised = keySumEpsilon === 0 ? denominator : tf.add(denominator, tf.mul(tf.sum(q, -1, true), keySumEpsilon));
  if (epsilon === 0) return withoutZeros(raised);
  const least = unit === undefined ? tf.scalar(epsilon) : tf.mul(unit, epsilon);
  const rest = epsilonRule === 'max' ? tf.relu(tf.sub(raised, least)) : raised;
  return withoutZeros(tf.add(rest, least));
}

/** Denominators below this count as 0: their inverse would overflow in the gradient. */
const SMALLEST_DENOMINATOR = 1e-30;

/** A row that sees nothing has 0/0, which is to be 0. */
const withoutZeros = (x: tf.Tensor): tf.Tensor =>
  tf.add(
    x,
    detached(x, x => tf.cast(tf.less(tf.abs(x), SMALLEST_DENOMINATOR), 'float32')),
  );

/** a/b for b of width 1. Stock `tf.div` squares b in its gradient, which underflows for b below 1e-19. */
function ratio(a: tf.Tensor, b: tf.Tensor): tf.Tensor {
  return tf.customGrad((...args) => {
    const [a, b] = args as unknown as tf.Tensor[];
    (args[args.length - 1] as tf.GradSaveFunc)([a, b]);
    return {
      value: tf.div(a, b),
      gradFunc: (dy: tf.Tensor, [a, b]: tf.Tensor[]) => {
        const da = ratio(dy, b);
        return [da, tf.neg(tf.sum(tf.mul(da, ratio(a, b)), -1, true))];
      },
    };
  })(a, b);
}
