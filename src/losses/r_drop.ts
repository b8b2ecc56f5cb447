import * as tf from '@tensorflow/tfjs-core';

import {check, checkOneOf, checkRange} from '../internal/check.js';
import {defineLoss, defineLossMaker, type LossFunction} from '../internal/named_functions.js';
import {marginSoftmax} from '../ops/margin_softmax/index.js';
import {bernoulliSymmetricKl, softmaxSymmetricKl} from '../ops/symmetric_kl/index.js';
import {classRows} from './class_labels.js';

export interface RDropArgs {
  /** Weight α of the divergence, ≥ 0. Default 4. */
  alpha?: number;
  /** The loss of each row, defined in this package. Default: softmax cross-entropy with logits. */
  base?: LossFunction;
  /** Of `softmax` outputs, or of independent `bernoulli` ones as those of GlobalPointer. Default `softmax`. */
  divergence?: 'softmax' | 'bernoulli';
  /** Where the two passes of sample i are: rows 2i and 2i + 1, or i and B + i of 2B rows. Default `interleaved`. */
  pairing?: 'interleaved' | 'halves';
  /** `mean` over the pairs with the factor α/4, or `sum` with the factor α/2. Default `mean`. */
  reduction?: 'mean' | 'sum';
}

const DIVERGENCES = {softmax: softmaxSymmetricKl, bernoulli: bernoulliSymmetricKl};

/**
 * R-Drop: each sample goes twice through the model, with different dropout, and the two outputs are drawn together,
 *
 *   loss = mean cross-entropy + α/4 · mean over pairs of (KL(p‖q) + KL(q‖p)).
 *
 * The batch holds each sample twice: `dataset.batch(B).map(tfa.data.rDropPairs())` doubles it after shuffling, which
 * would break pairs, and a seeded `tf.layers.dropout` uses one mask for both. `rDropLoss({alpha, base, divergence,
 * pairing, reduction})` makes one with options. bojone/r-drop is `interleaved` with the mean and α = 4; the authors'
 * code is two passes (`halves`, with `tf.concat`) with the `sum` over batch and classes, where α/2 stands before both
 * KL. For GlobalPointer: `base: globalPointerCrossentropy, divergence: 'bernoulli'`, averaged over heads; tune α.
 *
 * @param yTrue Labels of the base loss: one-hot `[2B, C]`, class numbers `[2B]` or `[2B, 1]`.
 * @param yPred `[2B, ..., C]` logits; for `bernoulli` `[2B, H, T, T]` scores.
 * @returns A scalar.
 *
 * ```ts
 * const logits = tf.tensor2d([[2, 0], [1, 0.5], [0, 1], [0.2, 3]]); // two samples, twice each
 * tfa.losses.rDrop(tf.tensor1d([0, 0, 1, 1], 'int32'), logits).print();
 * ```
 *
 * Reference: Liang et al. 2021, arXiv:2106.14448; Su Jianlin, kexue.fm/archives/8496.
 */
export const rDrop: LossFunction = defineLoss('rDrop', (yTrue, yPred) => regularised(yTrue, yPred, {}));

/** `rDrop` with options. */
export const rDropLoss: (args?: RDropArgs) => LossFunction = defineLossMaker(
  'rDropLoss',
  (args: RDropArgs = {}) => {
    const {alpha = 4, divergence = 'softmax', pairing = 'interleaved', reduction = 'mean'} = args;
    checkRange(alpha, 'rDropLoss', 'alpha', [0, Infinity], {high: true});
    checkOneOf(divergence, ['softmax', 'bernoulli'], 'rDropLoss', 'divergence');
    checkOneOf(pairing, ['interleaved', 'halves'], 'rDropLoss', 'pairing');
    checkOneOf(reduction, ['mean', 'sum'], 'rDropLoss', 'reduction');
    return (yTrue, yPred) => regularised(yTrue, yPred, args);
  },
  {alpha: true, base: true, divergence: true, pairing: true, reduction: true},
);

function regularised(
  yTrue: tf.Tensor,
  yPred: tf.Tensor,
  {
    alpha = 4,
    base = softmaxCrossentropy,
    divergence = 'softmax',
    pairing = 'interleaved',
    reduction = 'mean',
  }: RDropArgs,
): tf.Tensor {
  const rows = yPred.shape[0] ?? 0;
  check(
    yPred.rank > 1 && rows % 2 === 0,
    'rDrop',
    'predictions [2 · batch, ..., classes]',
    yPred,
    'Double each sample.',
  );
  return tf.tidy(() => {
    const crossentropy = tf.mean(base(yTrue, yPred));
    const [first, second] = pairsOf(yPred, pairing);
    const flat = (x: tf.Tensor) =>
      divergence === 'softmax' ? lastAxisRows(x) : tf.reshape(x, [x.shape[0] * headsOf(x), -1]);
    const each = DIVERGENCES[divergence](flat(first) as tf.Tensor2D, flat(second) as tf.Tensor2D);
    const regulariser = reduction === 'mean' ? tf.mul(tf.mean(each), alpha / 4) : tf.mul(tf.sum(each), alpha / 2);
    return tf.add(crossentropy, regulariser);
  });
}

const headsOf = (x: tf.Tensor): number => (x.rank > 2 ? (x.shape[1] as number) : 1);

const lastAxisRows = (x: tf.Tensor): tf.Tensor => tf.reshape(x, [-1, x.shape[x.rank - 1] as number]);

/** The two passes `[B, ...]` of each sample. */
function pairsOf(x: tf.Tensor, pairing: 'interleaved' | 'halves'): tf.Tensor[] {
  const [rows, ...rest] = x.shape;
  if (pairing === 'halves') return tf.split(x, 2, 0);
  return tf
    .unstack(tf.reshape(x, [rows / 2, 2, tf.util.sizeFromShape(rest)]), 1)
    .map(pass => tf.reshape(pass, [rows / 2, ...rest]));
}

function softmaxCrossentropy(yTrue: tf.Tensor, yPred: tf.Tensor): tf.Tensor {
  const {labels, predictions, lead} = classRows(yTrue, yPred, 'rDrop');
  return tf.reshape(marginSoftmax(labels, predictions, NO_MARGIN), lead);
}

const NO_MARGIN = {kind: 'additive', margin: 0, scale: 1} as const;
