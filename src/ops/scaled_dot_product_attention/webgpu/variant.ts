import * as tf from '@tensorflow/tfjs-core';

import {mix} from '../../../internal/counter_random.js';
import {subgroupMatrices} from '../../../internal/webgpu_features.js';
import {dropThreshold} from '../../counter_dropout/reference.js';
import {turnsByVector} from '../../rotary_embedding/on_load.js';
import {turnsBySample} from '../../rotary_embedding/rotation.js';
import type {RotaryLayout} from '../../rotary_embedding/tables.js';
import type {AttentionContext} from '../reference.js';
import {type MatrixPlan, matrixPlanOf} from './matrix_products.js';

/** What the source of the attention shaders depends on: the key of a pipeline is made of all of it. */
export interface Variant {
  /** Vectors of four channels in a row of q and k, and in one of v; the last may be partly filled. */
  head: number;
  value: number;
  /** Whether rows begin on a vector, and partners of a rotation, so that buffers can be bound as vectors. */
  headAligned: boolean;
  valueAligned: boolean;
  squared: boolean;
  causal: boolean;
  /** Type of the key mask's numbers. */
  mask?: 'i32' | 'f32';
  allowed: boolean;
  /** Type of the float bias's numbers. */
  bias?: 'i32' | 'f32';
  dropout: boolean;
  /** Whether q, k and v are rounded to the digits of float16. */
  float16: boolean;
  /** How products of matrices are cut, where subgroups make them. */
  matrices?: MatrixPlan;
  /** Whether each row's number of visible keys is counted or given by its place. */
  counts: 'none' | 'uniform' | 'rows';
  /** Of a rotation of q and k as they are loaded. */
  rotary?: RotaryLayout;
  /** Whether each sample has its own places in the rotation's table. */
  bySample: boolean;
}

/** Sizes as rank 4; three axes are one head. */
export interface Sizes {
  batch: number;
  heads: number;
  queries: number;
  keys: number;
  width: number;
  valueWidth: number;
}

export function sizesOf(q: tf.Tensor, k: tf.Tensor, v: tf.Tensor): Sizes {
  const [queries, width] = q.shape.slice(-2);
  const [batch, heads] = q.rank === 4 ? q.shape : [q.shape[0], 1];
  return {batch, heads, queries, width, keys: k.shape[k.rank - 2], valueWidth: v.shape[v.rank - 1]};
}

/** How subgroups multiply matrices in float16; `undefined` where they do not. */
export function matricesOf(
  device: GPUDevice,
  {width, valueWidth}: Sizes,
  {float16}: AttentionContext,
): MatrixPlan | undefined {
  const shape = float16 ? subgroupMatrices(device) : undefined;
  const bytes = device.limits.maxComputeWorkgroupStorageSize;
  return shape && matrixPlanOf(shape, Math.ceil(width / 4), Math.ceil(valueWidth / 4), bytes);
}

export function variantOf(sizes: Sizes, context: AttentionContext, device: GPUDevice): Variant {
  const {width, valueWidth} = sizes;
  const {plan, mask, allowed, floatBias, float16 = false, rotation} = context;
  const {normalization, causal, lengthNorm, dropoutRate} = plan;
  const squared = normalization === 'squaredRelu';
  const counted = normalization === 'softmaxPlus' || (squared && lengthNorm === 'row');
  const differ = causal || mask !== undefined || allowed !== undefined;
  return {
    head: Math.ceil(width / 4),
    value: Math.ceil(valueWidth / 4),
    headAligned: rotation === undefined ? width % 4 === 0 : turnsByVector(rotation.layout, width),
    valueAligned: valueWidth % 4 === 0,
    squared,
    causal,
    mask: mask && numberType(mask),
    allowed: allowed !== undefined,
    bias: floatBias && numberType(floatBias),
    dropout: dropoutRate > 0,
    float16,
    matrices: matricesOf(device, sizes, context),
    counts: !counted ? 'none' : differ ? 'rows' : 'uniform',
    rotary: rotation?.layout,
    bySample: turnsBySample(rotation),
  };
}

/** Bools are integers on this backend. */
const numberType = ({dtype}: tf.Tensor): 'i32' | 'f32' => (dtype === 'float32' ? 'f32' : 'i32');

export const keyOf = (stage: string, variant: Variant): string =>
  `addonsAttention_${stage}_${Object.values(variant).join('_')}`;

/** The uniforms of every attention shader, in the order of `UNIFORMS`. */
export function uniformsOf(sizes: Sizes, {plan, scores, allowed, floatBias}: AttentionContext): Int32Array {
  const {batch, heads, queries, keys, width, valueWidth} = sizes;
  const {scale, lengthNorm, lengthBase, minLength, dropoutRate, seed} = plan;
  const integers = [
    ...[batch, heads, queries, keys, width, valueWidth],
    ...stridesOf(allowed, scores.length),
    ...stridesOf(floatBias, scores.length),
    ...[mix(seed >>> 0), dropThreshold(dropoutRate)],
  ];
  const floats = [scale, lengthNorm === 'row' ? 0 : 1 / lengthNorm, 1 / Math.log(lengthBase), minLength];
  const words = new Int32Array(integers.length + floats.length + 1);
  words.set(integers.map(value => value | 0));
  new Float32Array(words.buffer).set([...floats, 1 / (1 - dropoutRate)], integers.length);
  return words;
}

export const UNIFORMS = /* wgsl */ `
  struct Uniforms {
    batch : u32, heads : u32, queries : u32, keys : u32, width : u32, valueWidth : u32,
    allowedBatch : u32, allowedHead : u32, allowedRow : u32, allowedKey : u32,
    biasBatch : u32, biasHead : u32, biasRow : u32, biasKey : u32,
    dropKey : u32, dropThreshold : u32,
    scale : f32, fixedShare : f32, perLogLength : f32, minLength : f32, kept : f32,
  };`;

/** The axes of a tensor that broadcasts to the scores, as batch, head, query and key. */
export function broadcastShape({shape}: tf.Tensor, scoresRank: number): number[] {
  const full = [...Array(scoresRank - shape.length).fill(1), ...shape];
  return scoresRank === 3 ? [full[0], 1, full[1], full[2]] : full;
}

/** Distances in such a tensor; 0 along the axes it has only one of. */
function stridesOf(x: tf.Tensor | undefined, scoresRank: number): number[] {
  if (x === undefined) return [0, 0, 0, 0];
  const shape = broadcastShape(x, scoresRank);
  const strides = tf.util.computeStrides([...shape, 1]);
  return shape.map((size, axis) => (size === 1 ? 0 : strides[axis]));
}
