import * as tf from '@tensorflow/tfjs-core';

import {check, checkOneOf, checkRange} from '../../internal/check.js';
import {hostKernel} from '../../internal/host_kernels.js';
import {fusedKernel, runKernelOr} from '../../internal/kernels.js';
import {checkOptions, type OptionNames} from '../../internal/known_options.js';
import {rotaryOnHost} from './host.js';
import {ROTARY_EMBEDDING, type RotaryAttrs} from './name.js';
import {rotaryOnTensorflow} from './node.js';
import {rotaryEmbeddingReference} from './reference.js';
import {type RotaryLayout, type RotaryTables, tablesInOrder, tablesOf, tablesOnDevice} from './tables.js';
import {rotaryOnWebgpu} from './webgpu.js';

hostKernel(ROTARY_EMBEDDING, rotaryOnHost);
fusedKernel(ROTARY_EMBEDDING, rotaryOnTensorflow);
fusedKernel(ROTARY_EMBEDDING, rotaryOnWebgpu);

export interface RotaryEmbeddingOptions {
  /** Position ids `[T]`, or `[B, T]` for an `x` whose first axis is B. Defaults to 0 … T − 1. */
  positions?: tf.Tensor | readonly number[];
  /** Base of the frequencies θ_t = base^(−2t/D). Defaults to 10000. */
  base?: number;
  /** Which channels form a pair: `'interleaved'` (2t, 2t+1) or `'half'` (t, t+D/2). Defaults to `'interleaved'`. */
  layout?: RotaryLayout;
}

/**
 * Rotary position embedding (RoPE): rotates each pair of channels by position · θ_t, so that the product of a
 * rotated query and a rotated key depends on their distance only,
 *
 *   (a, b) → (a cos pθ_t − b sin pθ_t,  b cos pθ_t + a sin pθ_t),   θ_t = base^(−2t/D).
 *
 * @param x `[..., T, D]`, float32, D even.
 * @returns Same shape. Its gradient is the rotation by −pθ_t.
 * @throws RangeError for an odd D or positions that do not fit.
 *
 * ```ts
 * const x = tf.ones([1, 2, 4]);
 * tfa.rotaryEmbedding(x).print(); // position 0 is unchanged
 * tfa.rotaryEmbedding(x, {positions: [7, 8], layout: 'half'});
 * ```
 *
 * Reference: Su et al. 2021, "RoFormer", arXiv:2104.09864; layout `'half'` as in GPT-NeoX. Tables are made in double
 * precision, or with exact turns on the device, unlike the float32 angles of the originals.
 */
export function rotaryEmbedding<T extends tf.Tensor>(x: T, options: RotaryEmbeddingOptions = {}): T {
  return tf.tidy(() => {
    const tables = rotaryTables(x.shape, options);
    return rotate(x, tables, options.layout ?? 'interleaved') as T;
  });
}

/** The tables for an input of `shape`; one pair serves queries and keys of a layer. */
export function rotaryTables(
  shape: readonly number[],
  options: RotaryEmbeddingOptions,
  where = 'rotaryEmbedding',
): RotaryTables {
  check(shape.length >= 2, where, 'x of shape [..., T, D]', {shape});
  const [length, channels] = shape.slice(-2);
  const {base} = completeRotary(channels, options, where);
  const {positions} = options;
  const pairs = channels / 2;
  if (positions === undefined) return tablesInOrder(length, pairs, base);
  checkPositions(positions, shape, where);
  if (Array.isArray(positions)) return tablesOf(positions as number[], pairs, base);
  const ids = positions as tf.Tensor;
  const tables = tablesOnDevice(ids, pairs, base);
  if (ids.rank === 1) return tables;
  return {cos: spreadOverHeads(tables.cos, shape), sin: spreadOverHeads(tables.sin, shape)};
}

/** A table `[B, T, D/2]` for an input `[B, …, T, D]`. */
export const spreadOverHeads = (table: tf.Tensor, shape: readonly number[]): tf.Tensor =>
  tf.reshape(table, [shape[0], ...shape.slice(1, -2).map(() => 1), ...table.shape.slice(1)]);

/** Checks positions for an input of `shape`. */
export function checkPositions(
  positions: tf.Tensor | readonly number[],
  shape: readonly number[],
  where: string,
): void {
  const length = shape[shape.length - 2];
  if (Array.isArray(positions)) {
    check(positions.length === length, where, `${length} positions`, positions.length);
    return;
  }
  const ids = positions as tf.Tensor;
  const perSample = ids.rank === 2 && ids.shape[0] === shape[0] && shape.length >= 3;
  const fits = (ids.rank === 1 || perSample) && ids.shape[ids.rank - 1] === length;
  check(fits, where, `positions of shape [${length}] or [${shape[0]}, ${length}]`, ids);
}

const ROTARY_OPTIONS: OptionNames<RotaryEmbeddingOptions> = {positions: true, base: true, layout: true};

/** Checks the options of a rotation of `channels`, and completes them. */
export function completeRotary(
  channels: number,
  options: RotaryEmbeddingOptions,
  where: string,
): {base: number; layout: RotaryLayout} {
  checkOptions(options, ROTARY_OPTIONS, where);
  const {base = 10000, layout = 'interleaved'} = options;
  check(channels % 2 === 0, where, 'an even number of channels D', channels, 'Rotation acts on pairs of channels.');
  checkOneOf(layout, ['interleaved', 'half'], where, 'layout');
  checkRange(base, where, 'base', [0, Number.POSITIVE_INFINITY], {low: true});
  return {base, layout};
}

/**
 * Applies prepared tables to `x`.
 *
 * @param apart Why it is not part of a kernel that reads `x`, for the report.
 */
export function rotate(x: tf.Tensor, tables: RotaryTables, layout: RotaryLayout, apart?: string): tf.Tensor {
  return tf.customGrad((input, save) => {
    (save as tf.GradSaveFunc)([tables.cos, tables.sin]);
    return {
      value: turn(input as tf.Tensor, tables, {layout, apart}),
      gradFunc: (dy: tf.Tensor, [cos, sin]: tf.Tensor[]) => rotate(dy, {cos, sin: tf.neg(sin)}, layout, apart),
    };
  })(x);
}

const turn = (x: tf.Tensor, tables: RotaryTables, attrs: RotaryAttrs): tf.Tensor =>
  runKernelOr(ROTARY_EMBEDDING, {x, cos: tables.cos, sin: tables.sin}, attrs, () =>
    rotaryEmbeddingReference(x, tables, attrs.layout),
  );
