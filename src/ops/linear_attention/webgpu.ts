/**
 * The products of linear attention on WebGPU: 3 launches for the causal one (1 where the sequence is one chunk), 2 for
 * the sums over all keys. Between input and output lie the sums of the chunks, T/C·M·D numbers. No features, no
 * atomics.
 */
import type * as tf from '@tensorflow/tfjs-core';

import type {FusedKernel} from '../../internal/kernels.js';
import {
  type Dispatch,
  type DispatchBackend,
  dispatchByName,
  uniformBuffer,
  whyNotDispatch,
} from '../../internal/webgpu_dispatch.js';
import {type Binding, flatGrid, gridOf, MOST_WORKGROUPS, ROWS} from '../../internal/webgpu_rows.js';
import type {KeyValueInputs, ProductInputs} from './name.js';
import {bestChunk, type CausalProductAttrs} from './reference.js';
import {outputsBindings, outputsSource, outputsTiles} from './webgpu/outputs.js';
import {
  chunkSumsBindings,
  chunkSumsSource,
  chunkSumsTiles,
  RUNNING_SUMS_BINDINGS,
  runningSumsSource,
  totalSumsBindings,
  totalSumsSource,
} from './webgpu/sums.js';
import {keyOf, MOST_FEATURES, type Sizes, uniformsOf, type Variant, variantOf} from './webgpu/variant.js';

type ChunkAttrs = Pick<CausalProductAttrs, 'chunkSize'>;

export const causalProductOnWebgpu: FusedKernel<ProductInputs, CausalProductAttrs> = {
  backend: 'webgpu',
  unsupported: ({q, k, v}, attrs) => whyNot([q, k, v], k, v, attrs),
  run: ({q, k, v}, attrs, backend) => {
    const stages = new Stages(backend as unknown as DispatchBackend, sizesOf(k, v, attrs), attrs.reverse);
    const {sizes, variant} = stages;
    const sums = variant.alone ? undefined : stages.chunkSums(k, v);
    if (sums !== undefined) {
      const grid = flatGrid(sizes.groups * sizes.features * variant.values);
      stages.run('runningSums', RUNNING_SUMS_BINDINGS, () => runningSumsSource(variant), {Sums: sums}, grid);
    }
    const output = stages.make(v.shape);
    const tensors = {Q: q, K: k, V: v, Output: output, ...(sums === undefined ? {} : {Sums: sums})};
    const grid = gridOf(outputsTiles(variant, sizes.rows), sizes.groups);
    stages.run('outputs', outputsBindings(variant), () => outputsSource(variant), tensors, grid);
    if (sums !== undefined) backend.disposeData(sums.dataId);
    return output;
  },
};

export const keyValueSumsOnWebgpu: FusedKernel<KeyValueInputs, ChunkAttrs> = {
  backend: 'webgpu',
  unsupported: ({k, v}, attrs) => whyNot([k, v], k, v, attrs),
  run: ({k, v}, attrs, backend) => {
    const stages = new Stages(backend as unknown as DispatchBackend, sizesOf(k, v, attrs), false);
    const {groups, features, values} = stages.sizes;
    const sums = stages.chunkSums(k, v);
    const total = stages.totalSums(sums, [groups, features, values]);
    backend.disposeData(sums.dataId);
    return total;
  },
};

/** Sums of chunks, `[N, M, D]` in whole vectors, added up to `[M, D]`. */
export function totalSumsOnWebgpu(
  backend: DispatchBackend,
  sums: tf.TensorInfo,
  {chunks, features, values}: Pick<Sizes, 'chunks' | 'features' | 'values'>,
): tf.TensorInfo {
  const sizes = {groups: 1, rows: chunks, features, values, chunk: 1, chunks};
  return new Stages(backend, sizes, false).totalSums(sums, [features, values]);
}

function sizesOf(k: tf.Tensor, v: tf.Tensor, {chunkSize}: ChunkAttrs): Sizes {
  const [groups, rows, features] = k.shape as [number, number, number];
  const values = v.shape[2] as number;
  const chunk = Math.ceil((chunkSize ?? bestChunk(features, values)) / ROWS) * ROWS;
  return {groups, rows, features, values, chunk, chunks: Math.ceil(rows / chunk)};
}

function whyNot(inputs: tf.Tensor[], k: tf.Tensor, v: tf.Tensor, attrs: ChunkAttrs): string | undefined {
  if (inputs.some(x => x.dtype !== 'float32')) return 'inputs other than float32';
  if (inputs.some(x => x.size === 0)) return 'an empty tensor';
  const sizes = sizesOf(k, v, attrs);
  if (sizes.features > MOST_FEATURES) return `more than ${MOST_FEATURES} features`;
  const variant = variantOf(sizes, false);
  const tiles = Math.max(chunkSumsTiles(variant, sizes.features, sizes.chunks), outputsTiles(variant, sizes.rows));
  if (tiles > MOST_WORKGROUPS) return 'a sequence longer than one dispatch';
  return whyNotDispatch(Math.max(sumsBytes(sizes, variant) / 4, ...inputs.map(({size}) => size)));
}

const sumsBytes = ({groups, chunks, features}: Sizes, {values}: Variant): number =>
  16 * groups * chunks * features * values;

/** The shaders of one call, which share sizes and uniforms. */
class Stages {
  readonly variant: Variant;

  constructor(
    private readonly backend: DispatchBackend,
    readonly sizes: Sizes,
    reverse: boolean,
  ) {
    this.variant = variantOf(sizes, reverse);
  }

  make(shape: number[]): tf.TensorInfo {
    return this.backend.makeTensorInfo(shape, 'float32');
  }

  chunkSums(k: tf.TensorInfo, v: tf.TensorInfo): tf.TensorInfo {
    const {sizes, variant} = this;
    const sums = this.make([sumsBytes(sizes, variant) / 4]);
    const grid = gridOf(chunkSumsTiles(variant, sizes.features, sizes.chunks), sizes.groups);
    this.run('chunkSums', chunkSumsBindings(variant), () => chunkSumsSource(variant), {K: k, V: v, Sums: sums}, grid);
    return sums;
  }

  totalSums(sums: tf.TensorInfo, shape: number[]): tf.TensorInfo {
    const {sizes, variant} = this;
    const total = this.make(shape);
    const grid = flatGrid(sizes.groups * sizes.features * variant.values);
    const tensors = {Sums: sums, Total: total};
    this.run('totalSums', totalSumsBindings(variant), () => totalSumsSource(variant), tensors, grid);
    return total;
  }

  run(
    stage: string,
    bindings: readonly Binding[],
    code: () => string,
    tensors: Record<string, tf.TensorInfo>,
    workgroups: Dispatch['workgroups'],
  ): void {
    dispatchByName(this.backend, {
      key: keyOf(stage, this.variant),
      code,
      bindings,
      tensors,
      uniforms: uniformBuffer(this.backend, uniformsOf(this.sizes)),
      workgroups,
    });
  }
}
