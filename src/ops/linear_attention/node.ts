/**
 * The causal product in TensorFlow ops, as one kernel: 12 of them for a span of 32 chunks, 3 for a single chunk. Its
 * three gradients are one kernel as well, of 26 ops, as they share their scores and sums: 10 products instead of 12.
 */
import * as tf from '@tensorflow/tfjs-core';

import {strictTriangle} from '../../internal/exclusive_sums.js';
import type {FusedKernel} from '../../internal/kernels.js';
import {TensorflowOps} from '../../internal/tensorflow_ops.js';
import type {ProductGradientInputs, ProductInputs} from './name.js';
import {bestChunk, type CausalProductAttrs, isOneSpan, productInSpans, triangle} from './reference.js';

export const causalProductOnTensorflow: FusedKernel<ProductInputs, CausalProductAttrs> = {
  backend: 'tensorflow',
  unsupported: ({q, k, v}) => whyNot([q, k, v]),
  run: ({q, k, v}, attrs, backend) =>
    productInSpans([q, k, v] as tf.Tensor3D[], attrs, ([q, k, v], outside, {chunkSize, reverse}) => {
      const chunks = new Chunks(new TensorflowOps(backend), q.shape, chunkSize);
      const {ops} = chunks;
      const [qs, ks, vs] = [q, k, v].map(x => chunks.cut(x));
      const inside = ops.matMul(chunks.scores(qs, ks, reverse), vs);
      if (chunks.count === 1 && outside === undefined) return {output: chunks.join(inside)};
      const own = ops.matMul(ks, vs, {transposeA: true});
      const read = ops.matMul(qs, chunks.sumsBefore(own, reverse, outside));
      const output = chunks.join(ops.add(inside, read));
      return outside === undefined ? {output} : {output, total: chunks.total(own)};
    }),
};

export const causalProductGradientOnTensorflow: FusedKernel<ProductGradientInputs, CausalProductAttrs> = {
  backend: 'tensorflow',
  unsupported: ({q, k, v, dy}, {chunkSize}) => {
    const isShort = isOneSpan(q.shape[1]!, chunkSize ?? chunkOf(q, v));
    return isShort ? whyNot([q, k, v, dy]) : 'a sequence of several spans, whose gradients are three products';
  },
  run: ({q, k, v, dy}, {chunkSize, reverse}, backend) =>
    tf.tidy(() => {
      const chunks = new Chunks(new TensorflowOps(backend), q.shape, chunkSize ?? chunkOf(q, v));
      const {ops} = chunks;
      const [qs, ks, vs, dys] = [q, k, v, dy].map(x => chunks.cut(x));
      const weights = chunks.scores(qs, ks, reverse); // [G·N, C, C]
      const dWeights = chunks.scores(dys, vs, reverse);
      const inside = [
        ops.matMul(dWeights, ks),
        ops.matMul(dWeights, qs, {transposeA: true}),
        ops.matMul(weights, dys, {transposeA: true}),
      ];
      if (chunks.count === 1) return inside.map(x => chunks.join(x));
      const before = chunks.sumsBefore(ops.matMul(ks, vs, {transposeA: true}), reverse); // [G·N, M, D]
      const behind = chunks.sumsBefore(ops.matMul(qs, dys, {transposeA: true}), !reverse);
      const across = [
        ops.matMul(dys, before, {transposeB: true}),
        ops.matMul(vs, behind, {transposeB: true}),
        ops.matMul(ks, behind),
      ];
      return inside.map((x, i) => chunks.join(ops.add(x, across[i])));
    }),
};

const chunkOf = (q: tf.Tensor, v: tf.Tensor): number => bestChunk(q.shape[2]!, v.shape[2]!);

function whyNot(inputs: tf.Tensor[]): string | undefined {
  if (inputs.some(({size}) => size === 0)) return 'an empty tensor';
  return inputs.every(({dtype}) => dtype === 'float32') ? undefined : 'inputs other than float32';
}

/** Sequences `[G, T, E]` as N chunks of C rows. */
class Chunks {
  readonly count: number;
  private readonly groups: number;
  private readonly length: number;
  private readonly rows: number;

  constructor(
    readonly ops: TensorflowOps,
    [groups, length]: number[],
    chunkSize: number,
  ) {
    this.groups = groups;
    this.length = length;
    this.rows = Math.min(chunkSize, length);
    this.count = Math.ceil(length / this.rows);
  }

  /** `[G, T, E]` → `[G·N, C, E]`, with zeros behind the last row. */
  cut(x: tf.Tensor): tf.Tensor {
    const {ops, groups, length, rows, count} = this;
    if (count === 1) return x;
    const missing = count * rows - length;
    const paddings = tf.tensor2d([0, 0, 0, missing, 0, 0], [3, 2], 'int32');
    const full = missing === 0 ? x : ops.run('Pad', [x, paddings], {T: 'float32', Tpaddings: 'int32'});
    return ops.reshape(full, [groups * count, rows, x.shape[2]!]);
  }

  /** `[G·N, C, E]` → `[G, T, E]`. */
  join(x: tf.Tensor): tf.Tensor3D {
    const {ops, groups, length, rows, count} = this;
    if (count === 1) return x as tf.Tensor3D;
    const size = x.shape[2]!;
    const padded = ops.reshape(x, [groups, count * rows, size]);
    if (count * rows === length) return padded as tf.Tensor3D;
    const [begin, end] = [tf.tensor1d([0, 0, 0], 'int32'), tf.tensor1d([groups, length, size], 'int32')];
    return ops.run('Slice', [padded, begin, end], {T: 'float32', Index: 'int32'}) as tf.Tensor3D;
  }

  /** The products of the rows of a with those rows of b that they see, `[G·N, C, C]`. */
  scores(a: tf.Tensor, b: tf.Tensor, reverse: boolean): tf.Tensor {
    const {ops, rows} = this;
    return tf.tidy(() => ops.mul(ops.matMul(a, b, {transposeB: true}), triangle(rows, reverse)));
  }

  /** For each chunk the sum of those before it, or behind it with `reverse`, and of what is outside. */
  sumsBefore(own: tf.Tensor, reverse: boolean, outside?: tf.Tensor): tf.Tensor {
    const {ops, groups, count} = this;
    return tf.tidy(() => {
      const [, features, channels] = own.shape as [number, number, number];
      const flat = ops.reshape(own, [groups, count, features * channels]);
      const between = ops.matMul(strictTriangle(count, reverse), flat);
      const all = outside && ops.add(between, ops.reshape(outside, [groups, 1, features * channels]));
      return ops.reshape(all ?? between, own.shape);
    });
  }

  /** `[G·N, M, D]` → `[G, M, D]`. */
  total(own: tf.Tensor): tf.Tensor3D {
    const {ops, groups, count} = this;
    return tf.tidy(() => {
      const parts = ops.reshape(own, [groups, count, own.shape[1]!, own.shape[2]!]);
      const attributes = {T: 'float32', Tidx: 'int32', keep_dims: false} as const;
      return ops.run('Sum', [parts, tf.scalar(1, 'int32')], attributes) as tf.Tensor3D;
    });
  }
}
