import * as tf from '@tensorflow/tfjs-core';

import {check, checkOneOf} from '../internal/check.js';
import {defineLoss, defineLossMaker, type LossFunction} from '../internal/named_functions.js';
import {maskedScore} from '../internal/numbers.js';
import {recomputed} from '../internal/recomputed.js';

export interface BalancedCategoricalCrossentropyArgs {
  /** `pairwise`, for hard labels; or `centered`, whose optimum for soft labels is the softmax. Default `pairwise`. */
  form?: 'pairwise' | 'centered';
}

/**
 * n classifications with m classes each as one, so that the classes balance each other over the n (experimental),
 *
 *   pairwise  Σ_j log(1 + Σ_i t_ij Σ_{k≠j} exp(s_ik − s_ij)),
 *   centered  Σ_j log(1 + Σ_i t_ij exp(mean_k s_ik − s_ij)).
 *
 * The sum over i is inside the logarithm: a class that is true a thousand times weighs little more than a rare one.
 * With two classes the pairwise form is `multilabelCategoricalCrossentropy` of s_i1 − s_i0. Their author calls both
 * unsuccessful so far; the centered one fails for hard labels, where a logit above the mean is enough for it.
 * `balancedCategoricalCrossentropyLoss({form})` makes one with options.
 *
 * @param yTrue `[..., n, m]`, each row one-hot or a distribution, clipped to [0, 1]. `[n, m]` takes the whole batch as the n.
 * @param yPred `[..., n, m]` logits.
 * @returns `[...]`, a sum over the group, which no mean over its members can replace.
 *
 * ```ts
 * const labels = tf.tensor2d([[1, 0, 0], [0, 0, 1]]);
 * tfa.losses.balancedCategoricalCrossentropy(labels, tf.tensor2d([[2, -1, 0.5], [0.3, 0.2, -0.4]])).print();
 * ```
 *
 * Reference: Su Jianlin, kexue.fm/archives/9158.
 */
export const balancedCategoricalCrossentropy: LossFunction = defineLoss(
  'balancedCategoricalCrossentropy',
  (yTrue, yPred) => crossentropy(yTrue, yPred, 'pairwise'),
);

/** `balancedCategoricalCrossentropy` with options. */
export const balancedCategoricalCrossentropyLoss: (args?: BalancedCategoricalCrossentropyArgs) => LossFunction =
  defineLossMaker(
    'balancedCategoricalCrossentropyLoss',
    ({form = 'pairwise'}: BalancedCategoricalCrossentropyArgs = {}) => {
      checkOneOf(form, ['pairwise', 'centered'], 'balancedCategoricalCrossentropyLoss', 'form');
      return (yTrue, yPred) => crossentropy(yTrue, yPred, form);
    },
    {form: true},
  );

function crossentropy(yTrue: tf.Tensor, yPred: tf.Tensor, form: 'pairwise' | 'centered'): tf.Tensor {
  check(
    yPred.rank > 1 && tf.util.arraysEqual(yTrue.shape, yPred.shape),
    'balancedCategoricalCrossentropy',
    `yTrue and yPred of one shape [..., n, m], yPred of shape [${yPred.shape.join(', ')}]`,
    {shape: yTrue.shape},
  );
  const [tasks, classes] = yPred.shape.slice(-2);
  return tf.tidy(() => {
    const labels = tf.reshape(tf.clipByValue(tf.cast(yTrue, 'float32'), 0, 1), [-1, tasks, classes]);
    const logits = tf.reshape(yPred, [-1, tasks, classes]);
    const loss = recomputed(
      ([s], [t]) => tf.sum(balance(s as tf.Tensor, t as tf.Tensor, form).logs, [1, 2]),
      [logits],
      [labels],
      {backward: ([s], [t], dy) => [gradient(s as tf.Tensor, t as tf.Tensor, dy, form)]},
    );
    return tf.reshape(loss, yPred.shape.slice(0, -2));
  });
}

/** x_ij, `[G, n, m]`, masked where t is 0; and log(1 + Σ_i t_ij exp(x_ij)), `[G, 1, m]`. */
function balance(logits: tf.Tensor, labels: tf.Tensor, form: 'pairwise' | 'centered') {
  const lead = form === 'pairwise' ? tf.logSumExp(othersOf(logits), -1) : tf.mean(logits, -1, true);
  const counted = tf.greater(labels, 0);
  const exponents = tf.where(counted, tf.sub(lead, logits), tf.fill(logits.shape, maskedScore()));
  const largest = tf.relu(tf.max(exponents, 1, true)); // the 1 is exp(0)
  const sum = tf.sum(tf.mul(labels, tf.exp(tf.sub(exponents, largest))), 1, true);
  return {exponents, logs: tf.add(largest, tf.log(tf.add(sum, tf.exp(tf.neg(largest)))))};
}

/** With w_ij the share of x_ij in its sum: −w_ij, and w_ij spread over the others or over all. */
function gradient(logits: tf.Tensor, labels: tf.Tensor, dy: tf.Tensor, form: 'pairwise' | 'centered'): tf.Tensor {
  const {exponents, logs} = balance(logits, labels, form);
  const shares = tf.mul(labels, tf.exp(tf.sub(exponents, logs))); // [G, n, m]
  const spread =
    form === 'pairwise'
      ? tf.sum(tf.mul(tf.expandDims(shares, -1), tf.softmax(othersOf(logits))), -2)
      : tf.mean(shares, -1, true);
  return tf.mul(tf.reshape(dy, [-1, 1, 1]), tf.sub(spread, shares));
}

/** The logits of the other classes k for each class j, `[G, n, j, k]`. */
function othersOf(logits: tf.Tensor): tf.Tensor {
  const classes = logits.shape[logits.rank - 1] as number;
  return tf.add(tf.expandDims(logits, -2), tf.mul(tf.eye(classes), maskedScore()));
}
