/**
 * The loss of Efficient GlobalPointer by its factors, as in `factorised.ts`, with types on the last axis: biases are
 * not transposed, listed cells are gathered and scattered instead of multiplied by one-hot rows, and the gradient takes
 * the exponentials of the forward pass. Of `[B, T, T]` it makes one tensor forward and one backward where TensorFlow
 * writes in place, as its graphs do.
 */
import * as tf from '@tensorflow/tfjs-core';

import type {FusedKernel} from '../../internal/kernels.js';
import {ABSENT_BELOW} from '../../internal/numbers.js';
import {TensorflowOps} from '../../internal/tensorflow_ops.js';
import type {FactorisedAttrs, FactorisedInputs} from './name.js';
import {labelCells} from './node_labels.js';

/** Keeps the logarithm of a sum that underflows finite. */
const SMALLEST = 1e-37;

/** Stands for a cell that is not in the sum: its exponential is 0. */
const EXCLUDED = -1e12;

/** What the forward pass holds for the gradient. */
interface Held {
  /** e^base over the largest of its row, 0 for cells that are impossible or listed. `[B, T, T]` */
  weights: tf.Tensor;
  /** Slope of the loss by each cell's score, but for the factors of its end. `[B, T, H]` */
  startShares: tf.Tensor;
  /** `[B, T, H]` */
  endWeights: tf.Tensor;
  /** `[B, T, H]` */
  rowSums: tf.Tensor;
  /** Slope of the loss by the score of each listed cell, 0 where it is listed again. `[B, P, H]` */
  slopes: tf.Tensor;
  /** Where the listed cells are in `[B · T · T]`, and their tokens in `[B · T]`. `[B · P]` int32 */
  cells: tf.Tensor;
  starts: tf.Tensor;
  ends: tf.Tensor;
}

interface GradientInputs extends FactorisedInputs, Held {
  /** `[B, H]` */
  dy: tf.Tensor;
  [name: string]: tf.Tensor | undefined;
}

/** `[loss, …held]`, see `heldNames`. */
export const factorisedCrossentropyOnTensorflow: FusedKernel<FactorisedInputs, FactorisedAttrs> = {
  backend: 'tensorflow',
  unsupported: whyNot,
  run: (inputs, attrs, backend) => tf.tidy(() => forward(inputs, attrs, new TensorflowOps(backend))),
};

/** `[dq, dk, dBias]`. */
export const factorisedGradientOnTensorflow: FusedKernel<GradientInputs, FactorisedAttrs> = {
  backend: 'tensorflow',
  unsupported: whyNot,
  run: (inputs, attrs, backend) => tf.tidy(() => backward(inputs, attrs, new TensorflowOps(backend))),
};

function whyNot({q, k, bias}: FactorisedInputs, {form}: FactorisedAttrs): string | undefined {
  if (form === 'dense') return 'dense labels';
  if (q.size === 0 || bias.size === 0) return 'an empty tensor';
  if ([q, k, bias].some(({dtype}) => dtype !== 'float32')) return 'q, k or bias other than float32';
  return undefined;
}

function forward(inputs: FactorisedInputs, attrs: FactorisedAttrs, ops: TensorflowOps): tf.Tensor[] {
  const {q, k} = inputs;
  const [batch] = q.shape;
  const keep = inputs.mask && tf.notEqual(tf.cast(inputs.mask, 'int32'), 0); // [B, T]
  const {start, end} = biases(inputs, attrs, keep, ops); // [B, T, H]
  const products = ops.matMul(tf.mul(q, attrs.scale), k, {transposeB: true}); // [B, T, T]
  const base = possibleOnly(products, attrs, keep, ops);
  const labels = labelCells(inputs, attrs, ops);
  const {inside, cells, starts, ends} = labels;
  const own = ops.add(ops.gather(flat(base), cells), ops.select(inside, 0, EXCLUDED));
  const rows = (x: tf.Tensor, tokens: tf.Tensor) => ops.gather(mergeBatch(x), tokens);
  const listed = tf.reshape(
    ops.add(ops.add(rows(start, starts), rows(end, ends)), tf.expandDims(own, 1)),
    labels.isOwn.shape,
  ); // [B, P, H]
  const unlisted = tf.reshape(ops.scatterAdd(flat(base), cells, ops.select(inside, EXCLUDED, 0)), base.shape);

  const rowMaxima = tf.max(unlisted, 2, true); // [B, T, 1]
  const weights = ops.run('Exp', [ops.sub(unlisted, rowMaxima)]);
  const shifted = ops.add(start, rowMaxima);
  const [startMaxima, endMaxima] = [shifted, end].map(x => tf.maximum(tf.max(x, 1, true), EXCLUDED)); // [B, 1, H]
  const startWeights = ops.run('Exp', [ops.sub(shifted, startMaxima)]);
  const endWeights = ops.run('Exp', [ops.sub(end, endMaxima)]);
  const rowSums = ops.matMul(weights, endWeights); // [B, T, H]
  const shift = ops.add(startMaxima, endMaxima);
  const sums = tf.maximum(tf.sum(tf.mul(rowSums, startWeights), 1, true), SMALLEST);
  const rest = ops.add(tf.log(sums), shift); // [B, 1, H]

  const {isFirst, isOwn} = labels;
  const isPositive = tf.logicalAnd(tf.logicalAnd(isOwn, isFirst), tf.greater(listed, ABSENT_BELOW));
  const isNegative = tf.logicalAnd(isFirst, tf.logicalNot(isOwn));
  const [negatives, positives] = [
    ops.select(isNegative, listed, EXCLUDED),
    ops.select(isPositive, tf.neg(listed), EXCLUDED),
  ];
  const negative = logOnePlus(negatives, rest);
  const positive = logOnePlus(positives);
  return [
    tf.reshape(ops.add(negative, positive), [batch, -1]),
    weights,
    tf.mul(startWeights, tf.exp(ops.sub(shift, negative))),
    endWeights,
    rowSums,
    ops.sub(tf.exp(ops.sub(negatives, negative)), tf.exp(ops.sub(positives, positive))),
    cells,
    starts,
    ends,
  ];
}

function backward(inputs: GradientInputs, {scale}: FactorisedAttrs, ops: TensorflowOps): tf.Tensor[] {
  const {q, k, bias, dy, weights, startShares, endWeights, rowSums, slopes, cells, starts, ends} = inputs;
  const ofTypes = tf.expandDims(dy, 1); // [B, 1, H]
  const shares = tf.mul(startShares, ofTypes);
  const single = tf.mul(slopes, ofTypes); // [B, P, H]
  const dProducts = tf.reshape(
    ops.scatterAdd(
      flat(tf.mul(weights, ops.matMul(shares, endWeights, {transposeB: true}))),
      cells,
      flat(tf.sum(single, 2)),
    ),
    weights.shape,
  );
  const dStart = ops.scatterAdd(mergeBatch(tf.mul(shares, rowSums)), starts, mergeBatch(single));
  const dEnd = ops.scatterAdd(
    mergeBatch(tf.mul(endWeights, ops.matMul(weights, shares, {transposeA: true}))),
    ends,
    mergeBatch(single),
  );
  return [
    tf.mul(ops.matMul(dProducts, k), scale),
    ops.matMul(dProducts, tf.mul(q, scale), {transposeA: true}),
    tf.reshape(ops.pairs(dEnd, dStart), bias.shape),
  ];
}

/** Those of hidden tokens are out of the sums. */
function biases(
  {bias}: FactorisedInputs,
  {threshold}: FactorisedAttrs,
  keep: tf.Tensor | undefined,
  ops: TensorflowOps,
): {start: tf.Tensor; end: tf.Tensor} {
  const [batch, length, channels] = bias.shape as [number, number, number];
  const [end, raw] = tf.unstack(tf.reshape(bias, [batch, length, channels / 2, 2]), 3);
  const start = threshold === 0 ? raw : tf.sub(raw, threshold);
  if (keep === undefined) return {start, end};
  const shown = (x: tf.Tensor) => ops.select(tf.expandDims(keep, 2), x, EXCLUDED);
  return {start: shown(start), end: shown(end)};
}

/** `products` with −1e12 added to what may be no span; the rows of hidden tokens are left to their biases. */
function possibleOnly(
  products: tf.Tensor,
  {trilMask, maskZero}: FactorisedAttrs,
  keep: tf.Tensor | undefined,
  ops: TensorflowOps,
): tf.Tensor {
  const length = products.shape[1] as number;
  const possible = trilMask || maskZero ? ops.add(products, impossibleCells(length, trilMask, maskZero)) : products;
  if (keep === undefined) return possible;
  return ops.add(possible, tf.expandDims(tf.mul(tf.cast(tf.logicalNot(keep), 'float32'), EXCLUDED), 1));
}

function impossibleCells(length: number, trilMask: boolean, maskZero: boolean): tf.Tensor3D {
  const cells = new Float32Array(length * length);
  if (trilMask) for (let i = 1; i < length; i++) cells.fill(EXCLUDED, i * length, i * length + i);
  if (maskZero) cells[0] = EXCLUDED;
  return tf.tensor3d(cells, [1, length, length]);
}

const flat = (x: tf.Tensor): tf.Tensor => tf.reshape(x, [-1]);

/** `[B, N, C]` → `[B · N, C]` */
const mergeBatch = (x: tf.Tensor): tf.Tensor => tf.reshape(x, [-1, x.shape[2] as number]);

/** log(exp(rest) + 1 + Σ exp(x)) over axis 1, `[B, 1, H]`. */
function logOnePlus(x: tf.Tensor, rest?: tf.Tensor): tf.Tensor {
  const top = tf.max(x, 1, true);
  const largest = tf.relu(rest === undefined ? top : tf.maximum(top, rest)); // the 1 is exp(0)
  const sum = tf.add(tf.sum(tf.exp(tf.sub(x, largest)), 1, true), tf.exp(tf.neg(largest)));
  const all = rest === undefined ? sum : tf.add(sum, tf.exp(tf.sub(rest, largest)));
  return tf.add(largest, tf.log(all));
}
