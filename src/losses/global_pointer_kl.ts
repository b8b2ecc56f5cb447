import * as tf from '@tensorflow/tfjs-core';

import {check, checkOneOf} from '../internal/check.js';
import {HEAD_REDUCTIONS, type HeadReduction, reduceHeads} from '../internal/head_reduction.js';
import {defineLoss, defineLossMaker, type LossFunction} from '../internal/named_functions.js';
import {bernoulliSymmetricKl} from '../ops/symmetric_kl/index.js';

export interface GlobalPointerKlArgs {
  /** Over samples and heads, as in `globalPointerCrossentropyLoss`. Default `mean`. */
  reduction?: HeadReduction;
}

/**
 * Symmetric divergence of two score maps of GlobalPointer, summed over the T² spans of each sample and head,
 *
 *   D(s, t) = Σ (σ(s) − σ(t)) (s − t) = KL(p‖q) + KL(q‖p) of independent Bernoulli variables.
 *
 * For R-Drop (see `rDropLoss`), virtual adversarial training and distillation of entity recognisers. At least 0, and
 * not invariant to shifts. A span that is −Infinity in either map is left out. Both arguments get a gradient.
 * The post leaves the weight beside the cross-entropy to be tuned; ports that sum over the batch need a smaller one.
 * `globalPointerKlLoss({reduction})` makes one with options.
 *
 * @param yTrue `[B, H, T, T]` scores.
 * @param yPred `[B, H, T, T]` scores.
 * @returns A scalar, the mean over samples and heads; `[B, H]` with reduction `none`.
 *
 * ```ts
 * const [first, second] = [tf.randomNormal([1, 2, 4, 4]), tf.randomNormal([1, 2, 4, 4])];
 * tfa.losses.globalPointerKl(first, second).print();
 * ```
 *
 * Reference: Su Jianlin, kexue.fm/archives/9039.
 */
export const globalPointerKl: LossFunction = defineLoss('globalPointerKl', (yTrue, yPred) =>
  divergence(yTrue, yPred, 'mean'),
);

/** `globalPointerKl` with options. */
export const globalPointerKlLoss: (args?: GlobalPointerKlArgs) => LossFunction = defineLossMaker(
  'globalPointerKlLoss',
  ({reduction = 'mean'}: GlobalPointerKlArgs = {}) => {
    checkOneOf(reduction, HEAD_REDUCTIONS, 'globalPointerKlLoss', 'reduction');
    return (yTrue, yPred) => divergence(yTrue, yPred, reduction);
  },
  {reduction: true},
);

function divergence(yTrue: tf.Tensor, yPred: tf.Tensor, reduction: HeadReduction): tf.Tensor {
  const where = 'globalPointerKl';
  check(yPred.rank === 4, where, 'scores [batch, heads, length, length]', yPred);
  check(tf.util.arraysEqual(yTrue.shape, yPred.shape), where, `two maps of one shape [${yPred.shape.join(', ')}]`, {
    shape: yTrue.shape,
  });
  const [batch, heads, length, width] = yPred.shape as [number, number, number, number];
  const shape: [number, number] = [batch * heads, length * width];
  return tf.tidy(() => {
    const each = bernoulliSymmetricKl(tf.reshape(yTrue, shape), tf.reshape(yPred, shape));
    return reduceHeads(tf.reshape(each, [batch, heads]), reduction);
  });
}
