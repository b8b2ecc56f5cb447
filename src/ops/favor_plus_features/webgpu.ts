/**
 * Random features on WebGPU: 1 launch, or 2 where the largest exponent of all keys is taken off; 3 for the gradients of
 * inputs and projection. Beside the features there is one number a row, and in the backward pass a gradient of the
 * projection for each 256 rows. No features of the device, no atomics: the same bits each time.
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
import {totalSumsOnWebgpu} from '../linear_attention/webgpu.js';
import type {FavorAttrs, FavorGradientInputs, FavorInputs} from './name.js';
import {FINISH_BINDINGS, finishSource, projectBindings, projectSource} from './webgpu/forward.js';
import {
  inputsBindings,
  inputsSource,
  projectionBindings,
  projectionSource,
  projectionTiles,
} from './webgpu/gradient.js';
import {CHUNK, keyOf, type Sizes, shiftOf, sizesOf, uniformsOf, type Variant} from './webgpu/variant.js';

const WIDEST_HEAD = 256;

/** The second output has one number a row, `[G, T]`, for `favorGradientOnWebgpu`. */
export const favorFeaturesOnWebgpu: FusedKernel<FavorInputs, FavorAttrs> = {
  backend: 'webgpu',
  unsupported: whyNot,
  run: (inputs, attrs, backend) => {
    const {x, projection, mask} = inputs;
    const stages = new Stages(backend as unknown as DispatchBackend, inputs, attrs);
    const {sizes, variant} = stages;
    const {groups, tokens} = sizes;
    const tiles = Math.ceil(tokens / ROWS);
    const features = stages.make([...x.shape.slice(0, -1), sizes.features]);
    const shifts = stages.make([groups, tokens]);
    const given = {X: x, Omega: projection, Features: features, Shifts: shifts, ...(mask && {Mask: mask})};
    const grid = gridOf(tiles, groups);
    if (variant.shift !== 'group') {
      stages.run('project', projectBindings(variant), () => projectSource(variant), given, grid);
      return [features, shifts];
    }
    const tensors = {...given, Tops: stages.make([groups, tiles])};
    stages.run('project', projectBindings(variant), () => projectSource(variant), tensors, grid);
    stages.run('finish', FINISH_BINDINGS, () => finishSource(variant), tensors, grid);
    backend.disposeData(tensors.Tops.dataId);
    return [features, shifts];
  },
};

/** `[dx, dProjection]`. */
export const favorGradientOnWebgpu: FusedKernel<FavorGradientInputs, FavorAttrs> = {
  backend: 'webgpu',
  unsupported: whyNot,
  run: (inputs, attrs, backend) => {
    const {x, projection, shifts, dy} = inputs;
    const stages = new Stages(backend as unknown as DispatchBackend, inputs, attrs);
    const {sizes, variant} = stages;
    const all = sizes.groups * sizes.tokens;
    const chunks = Math.ceil(all / CHUNK);
    const dx = stages.make(x.shape);
    const sums = stages.make([4 * chunks * sizes.rows * variant.head]);
    const given = {X: x, Omega: projection, Shifts: shifts, Slope: dy};
    const grid = gridOf(projectionTiles(sizes.rows), chunks);
    stages.run('inputs', inputsBindings(variant), () => inputsSource(variant), {...given, Result: dx}, flatGrid(all));
    const tensors = {...given, Sums: sums};
    stages.run('projection', projectionBindings(variant), () => projectionSource(variant), tensors, grid);
    const total = totalSumsOnWebgpu(stages.backend, sums, {chunks, features: sizes.rows, values: sizes.width});
    backend.disposeData(sums.dataId);
    return [dx, total];
  },
};

function whyNot(inputs: FavorInputs & {dy?: tf.Tensor}, attrs: FavorAttrs): string | undefined {
  const {x, projection, mask, dy} = inputs;
  const {plan, isQuery} = attrs;
  if (typeof plan.kernel === 'function') return 'a function for the kernel';
  const given = [x, projection, mask, dy].filter(tensor => tensor !== undefined);
  if (given.some(({size}) => size === 0)) return 'an empty tensor';
  if ([x, projection, dy].some(tensor => tensor !== undefined && tensor.dtype !== 'float32')) {
    return 'x or a projection other than float32';
  }
  const sizes = sizesOf(x, projection.shape[0]!, plan.kernel);
  const {groups, tokens, width, rows, features} = sizes;
  if (width > WIDEST_HEAD) return `more than ${WIDEST_HEAD} channels`;
  const ofLargest = ['row', 'group'].includes(shiftOf(plan, isQuery));
  if (ofLargest && !plan.detachStabilizer) return 'a gradient of the stabilizer';
  if (Math.ceil(tokens / ROWS) > MOST_WORKGROUPS) return 'a sequence longer than one dispatch';
  const sums = Math.ceil((groups * tokens) / CHUNK) * rows * Math.ceil(width / 4) * 4;
  return whyNotDispatch(Math.max(groups * tokens * features, sums, x.size));
}

/** The shaders of one call, which share sizes and uniforms. */
class Stages {
  readonly sizes: Sizes;
  readonly variant: Variant;
  private readonly words: Int32Array;

  constructor(
    readonly backend: DispatchBackend,
    {x, projection, mask}: FavorInputs,
    {plan, isQuery}: FavorAttrs,
  ) {
    this.sizes = sizesOf(x, projection.shape[0]!, plan.kernel);
    const {width} = this.sizes;
    this.variant = {
      head: Math.ceil(width / 4),
      aligned: width % 4 === 0,
      kernel: plan.kernel as Variant['kernel'],
      shift: shiftOf(plan, isQuery),
      mask: mask && (mask.dtype === 'float32' ? 'f32' : 'i32'), // bools are integers on this backend
    };
    this.words = uniformsOf(this.sizes, plan);
  }

  make(shape: number[]): tf.TensorInfo {
    return this.backend.makeTensorInfo(shape, 'float32');
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
      uniforms: uniformBuffer(this.backend, this.words),
      workgroups,
    });
  }
}
