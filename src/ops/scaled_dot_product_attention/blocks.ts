/**
 * Attention by blocks of queries: each makes the scores of its rows only, and the backward pass makes them again. What
 * lies between input and output is bounded, whatever the length. A causal block reads no key behind its last query.
 */
import * as tf from '@tensorflow/tfjs-core';

import {counterDropoutOfRows, type RowBlock} from '../counter_dropout/rows.js';
import {type AttentionGradients, composedGradients} from './gradient.js';
import type {AttentionContext, ComposedContext} from './reference.js';
import {visibilityOf} from './visibility.js';

/** Scores of more numbers than this, 32 MB, are not made at once. */
const MOST_SCORES = 2 ** 23;
/** Scores of a block, 16 MB: fewer cost launches, and the gradients of keys are added up more often. */
const BLOCK_SCORES = 2 ** 22;
/** Fewer rows make thin products. */
const LEAST_ROWS = 32;

/** Rows of a block, or `undefined` where the scores are few enough to be made at once. */
export function blockRows(scores: readonly number[]): number | undefined {
  const size = tf.util.sizeFromShape([...scores]);
  const queries = scores[scores.length - 2];
  if (size <= MOST_SCORES || queries <= LEAST_ROWS) return undefined;
  return Math.max(LEAST_ROWS, 2 ** Math.floor(Math.log2((BLOCK_SCORES * queries) / size)));
}

/** Attention of the queries of one block. */
export type AttendRows = (q: tf.Tensor, k: tf.Tensor, v: tf.Tensor, context: ComposedContext) => tf.Tensor;

/** @param height Rows of a block. */
export function attendInBlocks(
  q: tf.Tensor,
  k: tf.Tensor,
  v: tf.Tensor,
  context: AttentionContext,
  height: number,
  attendRows: AttendRows,
): tf.Tensor {
  const outputs = blocksOf(context, height).map(block =>
    tf.tidy(() => {
      if (block.columns === 0) return tf.zeros([...q.shape.slice(0, -2), block.rows, v.shape[v.rank - 1]]);
      const [keys, values] = [k, v].map(x => keysOf(x, block));
      return attendRows(rowsOf(q, block), keys, values, contextOfBlock(context, block));
    }),
  );
  return joined(outputs);
}

/**
 * The gradients of `attendInBlocks`; those of keys and values are added up block by block.
 *
 * @param output Of the forward pass.
 */
export function gradientsInBlocks(
  q: tf.Tensor,
  k: tf.Tensor,
  v: tf.Tensor,
  context: AttentionContext,
  height: number,
  dy: tf.Tensor,
  output: tf.Tensor,
): AttentionGradients {
  const inputs = [q, k, v, ...(context.floatBias === undefined ? [] : [context.floatBias])];
  const isCut = inputs.map((x, i) => i === 0 || (i === BIAS && hasRows(x)));
  const gradients: tf.Tensor[][] = inputs.map(() => []); // of what is cut one a block, of the rest their sum
  for (const block of blocksOf(context, height)) {
    const ofBlock = tf.tidy(() => {
      const parts = gradientsOfBlock(q, k, v, context, dy, output, block);
      return parts.map((x, i) => {
        const whole = i === 0 ? x : padded(x, i === BIAS ? -1 : -2, inputs[i].shape);
        return isCut[i] || gradients[i].length === 0 ? whole : tf.add(gradients[i][0], whole);
      });
    });
    for (const [i, x] of ofBlock.entries()) {
      if (isCut[i]) gradients[i].push(x);
      else tf.dispose(gradients[i].splice(0, 1, x));
    }
  }
  const [dq, dk, dv, dBias] = gradients.map(joined);
  return {q: dq, k: dk, v: dv, floatBias: dBias};
}

/** Where the float bias stands among the inputs. */
const BIAS = 3;

function gradientsOfBlock(
  q: tf.Tensor,
  k: tf.Tensor,
  v: tf.Tensor,
  context: AttentionContext,
  dy: tf.Tensor,
  output: tf.Tensor,
  block: RowBlock,
): tf.Tensor[] {
  const [queries, dRows, outputs] = [q, dy, output].map(x => rowsOf(x, block));
  const [keys, values] = [k, v].map(x => keysOf(x, block));
  const own = contextOfBlock(context, block);
  if (block.columns === 0) return [queries, keys, values, own.floatBias].filter(isTensor).map(x => tf.zerosLike(x));
  const gradients = composedGradients(queries, keys, values, own, dRows, {output: outputs});
  return [gradients.q, gradients.k, gradients.v, gradients.floatBias].filter(isTensor);
}

function blocksOf({plan, scores}: AttentionContext, height: number): RowBlock[] {
  const [queries, keys] = scores.slice(-2);
  return Array.from({length: Math.ceil(queries / height)}, (_, n) => {
    const from = n * height;
    const rows = Math.min(height, queries - from);
    return {from, rows, columns: plan.causal ? Math.max(0, from + rows + keys - queries) : keys};
  });
}

/**
 * What of the context belongs to a block. The keys behind its last query are cut off: what is left is causal by itself.
 */
function contextOfBlock(context: AttentionContext, block: RowBlock): ComposedContext {
  const {plan, mask, allowed, floatBias} = context;
  const {rows, columns} = block;
  const scores = [...context.scores.slice(0, -2), rows, columns];
  const keep = mask && part(mask, -1, 0, columns);
  const bits = () => counterDropoutOfRows(context.scores, block, plan.dropoutRate, plan.seed);
  return {
    plan,
    scores,
    floatBias: floatBias && cellsOf(floatBias, block),
    visibility: visibilityOf(scores, plan.causal, keep, allowed && cellsOf(allowed, block)),
    keptWeights: plan.dropoutRate > 0 ? bits() : undefined,
  };
}

const rowsOf = (x: tf.Tensor, {from, rows}: RowBlock): tf.Tensor => part(x, -2, from, rows);

const keysOf = (x: tf.Tensor, {columns}: RowBlock): tf.Tensor => part(x, -2, 0, columns);

/** The part of a bias that meets the scores of a block. */
function cellsOf(bias: tf.Tensor, block: RowBlock): tf.Tensor {
  const rows = hasRows(bias) ? rowsOf(bias, block) : bias;
  return bias.rank === 0 || bias.shape[bias.rank - 1] === 1 ? rows : part(rows, -1, 0, block.columns);
}

const hasRows = (bias: tf.Tensor): boolean => bias.rank > 1 && bias.shape[bias.rank - 2] !== 1;

function part(x: tf.Tensor, axis: -1 | -2, from: number, count: number): tf.Tensor {
  const at = x.rank + axis;
  if (x.shape[at] === count) return x;
  const begin = x.shape.map((_, i) => (i === at ? from : 0));
  return tf.slice(
    x,
    begin,
    x.shape.map((size, i) => (i === at ? count : size)),
  );
}

/** Zeros behind, up to the length that the axis has in `shape`. */
function padded(x: tf.Tensor, axis: -1 | -2, shape: readonly number[]): tf.Tensor {
  const at = x.rank + axis;
  if (at < 0 || x.shape[at] === shape[at]) return x;
  const missing = shape[at] - x.shape[at];
  return tf.pad(
    x,
    x.shape.map((_, i) => [0, i === at ? missing : 0]),
  );
}

/** The rows of all blocks. */
const joined = (parts: tf.Tensor[]): tf.Tensor => (parts.length === 1 ? parts[0] : tf.concat(parts, parts[0].rank - 2));

const isTensor = (x: tf.Tensor | undefined): x is tf.Tensor => x !== undefined;
