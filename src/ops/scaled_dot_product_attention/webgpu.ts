/**
 * Attention without its scores: nothing of size T·S is made, forward or backward.
 *
 * Launches: 1 forward; 3 backward, or 4 where keys and values have their own, and 1 for a float bias.
 * Memory: the output and one number a row; backward the gradients, 4 numbers a row, and the mask.
 * Sums run in one order, without atomics: the same bits each time. Stock limits, no features.
 */
import * as tf from '@tensorflow/tfjs-core';

import type {FusedKernel} from '../../internal/kernels.js';
import {
  type Dispatch,
  type DispatchBackend,
  dispatchByName,
  uniformBuffer,
  whyNotDispatch,
} from '../../internal/webgpu_dispatch.js';
import {type Binding, flatGrid, gridOf, ROWS} from '../../internal/webgpu_rows.js';
import {dropThreshold} from '../counter_dropout/reference.js';
import type {AttentionAttrs, AttentionGradientInputs, AttentionInputs} from './name.js';
import type {AttentionContext} from './reference.js';
import {forwardBindings, forwardSource, outputPieces} from './webgpu/forward.js';
import {type KeyStage, keyBindings, keyPieces, keySource, keyStages} from './webgpu/keys.js';
import {keysAtOnce, type QueryStage, queryBindings, querySource} from './webgpu/queries.js';
import {rowsBindings, rowsSource} from './webgpu/rows.js';
import {
  broadcastShape,
  keyOf,
  matricesOf,
  type Sizes,
  sizesOf,
  uniformsOf,
  type Variant,
  variantOf,
} from './webgpu/variant.js';

const WIDEST_HEAD = 256;

/** Of the forward pass without masks and rotation. */
const FORWARD_BUFFERS = 5;

/** The second output has one number a row, `[..., T]`: what `attentionGradientOnWebgpu` makes the weights from. */
export const attentionOnWebgpu: FusedKernel<AttentionInputs, AttentionAttrs> = {
  backend: 'webgpu',
  unsupported: whyNot,
  form: formOf,
  run: (inputs, {context}, backend) => {
    const stages = new Stages(backend as unknown as DispatchBackend, inputs, context);
    const {variant, sizes} = stages;
    const output = stages.make([...inputs.q.shape.slice(0, -1), sizes.valueWidth]);
    const norm = stages.make(inputs.q.shape.slice(0, -1));
    const tiles = Math.ceil(sizes.queries / ROWS) * outputPieces(variant).pieces;
    const given = {Output: output, Norm: norm};
    stages.run('forward', forwardBindings(variant), () => forwardSource(variant), given, stages.grid(tiles));
    return [output, norm];
  },
};

/** `[dq, dk, dv]`, and the gradient of the float bias where there is one, in its shape or one to be summed to it. */
export const attentionGradientOnWebgpu: FusedKernel<AttentionGradientInputs, AttentionAttrs> = {
  backend: 'webgpu',
  unsupported: whyNot,
  form: gradientFormOf,
  run: (inputs, {context}, backend) => {
    const {q, k, v, dy, output, norm, floatBias} = inputs;
    const stages = new Stages(backend as unknown as DispatchBackend, inputs, context);
    const rows = stages.rows({Norm: norm, Output: output, Slope: dy});
    const given = {Slope: dy, Rows: rows};
    const [dq, dk, dv] = [q, k, v].map(({shape}) => stages.make(shape));
    stages.byQueries('queries', {...given, Result: dq});
    for (const stage of keyStages(stages.variant)) {
      stages.byKeys(stage, {...given, KeyGradient: dk, ValueGradient: dv});
    }
    const gradients = floatBias === undefined ? [dq, dk, dv] : [dq, dk, dv, stages.bias(floatBias, given)];
    backend.disposeData(rows.dataId);
    return gradients;
  },
};

function whyNot({q, k, v, dy}: Partial<AttentionGradientInputs> & AttentionInputs, {context}: AttentionAttrs) {
  const tensors = [q, k, v, context.mask, context.allowed, context.floatBias];
  const width = q.shape[q.rank - 1];
  const rows = (4 * q.size) / width + (context.mask?.size ?? 0) + (context.rotation ? Math.max(q.size, k.size) : 0);
  const unable = whyNotDispatch(Math.max(rows, ...tensors.map(x => x?.size ?? 0)));
  if (unable !== undefined) return unable;
  if (tensors.some(x => x?.size === 0)) return 'an empty tensor';
  if ([q, k, v, dy].some(x => x !== undefined && x.dtype !== 'float32')) return 'q, k and v other than float32';
  if (width > WIDEST_HEAD) return `heads wider than ${WIDEST_HEAD}`;
  if (dropThreshold(context.plan.dropoutRate) === 2 ** 32) return 'a dropout rate that rounds to 1';
  const masks = [context.mask, context.allowed, context.floatBias].filter(x => x !== undefined).length;
  const {limits} = (tf.backend() as unknown as DispatchBackend).device;
  if (context.rotation !== undefined && FORWARD_BUFFERS + masks >= limits.maxStorageBuffersPerShaderStage) {
    return 'mask, bool and float bias leave no buffer for the table of a rotation';
  }
  return undefined;
}

function formOf(inputs: AttentionInputs, {context}: AttentionAttrs): string | undefined {
  const forms = [float16Form(inputs, context), context.rotation && 'q and k rotated on load'].filter(Boolean);
  return forms.length > 0 ? forms.join(', ') : undefined;
}

function float16Form({q, k, v}: AttentionInputs, context: AttentionContext): string | undefined {
  if (!context.float16) return undefined;
  const {device} = tf.backend() as unknown as DispatchBackend;
  return matricesOf(device, sizesOf(q, k, v), context) === undefined ? 'in float16' : 'in float16 by subgroup matrices';
}

function gradientFormOf(inputs: AttentionInputs, attrs: AttentionAttrs): string | undefined {
  return formOf(inputs, attrs)?.replace(/in float16( by subgroup matrices)?/, 'of q, k and v rounded to float16');
}

type Tensors = Record<string, tf.TensorInfo>;

/** The shaders of one call, which share inputs and uniforms. */
class Stages {
  readonly sizes: Sizes;
  readonly variant: Variant;
  private readonly words: Int32Array;
  private readonly inputs: Tensors;

  constructor(
    private readonly backend: DispatchBackend,
    {q, k, v, mask, allowed, floatBias, turns}: AttentionInputs,
    private readonly context: AttentionAttrs['context'],
  ) {
    const present = {...context, mask, allowed, floatBias};
    this.sizes = sizesOf(q, k, v);
    this.variant = variantOf(this.sizes, present, backend.device);
    this.words = uniformsOf(this.sizes, present);
    this.inputs = {Q: q, K: k, V: v, Mask: mask, Allowed: allowed, Bias: floatBias, Turns: turns} as Tensors;
  }

  make(shape: number[]): tf.TensorInfo {
    return this.backend.makeTensorInfo(shape, 'float32');
  }

  run(
    stage: string,
    bindings: readonly Binding[],
    code: () => string,
    given: Tensors,
    workgroups: Dispatch['workgroups'],
  ): void {
    const tensors = {...this.inputs, ...given};
    dispatchByName(this.backend, {
      key: keyOf(stage, this.variant),
      code,
      bindings,
      tensors,
      uniforms: uniformBuffer(this.backend, this.words),
      workgroups,
    });
  }

  /** Workgroups for each group. */
  grid(tiles: number, groups = this.sizes.batch * this.sizes.heads): [number, number, number] {
    return gridOf(tiles, groups);
  }

  rows(given: Tensors): tf.TensorInfo {
    const {batch, heads, queries, keys} = this.sizes;
    const kept = this.variant.mask === undefined ? 0 : batch * keys;
    const count = batch * heads * queries;
    const turns = this.inputs.Turns === undefined ? 0 : tf.util.sizeFromShape(this.inputs.Turns.shape);
    const rows = this.make([4 * count + kept + turns]);
    const tensors = {...given, Rows: rows};
    const grid = flatGrid(Math.max(count, kept, turns));
    this.run('rows', rowsBindings(this.variant), () => rowsSource(this.variant), tensors, grid);
    return rows;
  }

  byQueries(stage: QueryStage, given: Tensors): void {
    const {queries, keys} = this.sizes;
    const tiles = Math.ceil(queries / ROWS);
    const {variant} = this;
    const grid =
      stage === 'biasCells'
        ? this.grid(tiles * Math.ceil(keys / keysAtOnce(variant)), given.Result.shape[0] * given.Result.shape[1])
        : this.grid(tiles);
    this.run(stage, queryBindings(stage, variant), () => querySource(stage, variant), given, grid);
  }

  byKeys(stage: KeyStage, given: Tensors): void {
    const {variant} = this;
    const tiles = Math.ceil(this.sizes.keys / ROWS) * keyPieces(stage, variant);
    this.run(stage, keyBindings(stage, variant), () => keySource(stage, variant), given, this.grid(tiles));
  }

  /** The gradient of a float bias in its shape; that of a bias with one row or one key still to be summed to it. */
  bias(floatBias: tf.Tensor, given: Tensors): tf.TensorInfo {
    const {queries, keys} = this.sizes;
    const {scores} = this.context;
    const [samples, heads, rows, columns] = broadcastShape(floatBias, scores.length);
    if (rows === queries && columns === keys) {
      const cells = this.make([samples, heads, queries, keys]);
      this.byQueries('biasCells', {...given, Result: cells});
      return {...cells, shape: floatBias.shape};
    }
    const isOfRows = rows === queries;
    const sums = this.make([...scores.slice(0, -2), ...(isOfRows ? [queries, 1] : [1, keys])]);
    if (isOfRows) this.byQueries('biasRows', {...given, Result: sums});
    else this.byKeys('biasColumns', {...given, Result: sums});
    return sums;
  }
}
