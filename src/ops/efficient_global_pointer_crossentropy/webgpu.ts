/**
 * The loss of Efficient GlobalPointer without scores: 2 launches forward, 3 backward. Memory is that of the gradients,
 * and 16 bytes for each type and 64 rows. A product q·k serves 16 types forward and all types backward; half of the
 * tiles are skipped where spans may not end before they start. Up to 8 storage buffers.
 */
import * as tf from '@tensorflow/tfjs-core';

import type {FusedKernel} from '../../internal/kernels.js';
import {type DispatchBackend, dispatchByName, uniformBuffer, whyNotDispatch} from '../../internal/webgpu_dispatch.js';
import {hasSubgroups} from '../../internal/webgpu_features.js';
import {flatGrid, gridOf, ROWS} from '../../internal/webgpu_rows.js';
import {LOSS_BINDINGS, LOSS_SOURCE, spanUniforms} from '../../internal/webgpu_span_loss.js';
import type {FactorisedAttrs, FactorisedGradientInputs, FactorisedInputs} from './name.js';
import {type FactorisedStage, factorisedBindings, factorisedSource, TYPES, type Variant} from './source.js';

const WIDEST_HEAD = 256;

export const factorisedCrossentropyOnWebgpu: FusedKernel<FactorisedInputs, FactorisedAttrs> = {
  backend: 'webgpu',
  unsupported: whyNot,
  run: (inputs, attrs, live) => {
    const backend = live as unknown as DispatchBackend;
    const stages = new Stages(backend, inputs, attrs);
    const {batch, heads, length} = stages.sizes;
    const make = (...shape: number[]) => backend.makeTensorInfo(shape, 'float32');
    const blocks = make(batch, heads, Math.ceil(length / ROWS), 4);
    stages.run('partition', {Own: inputs.q, Others: inputs.k, Blocks: blocks}, batch * Math.ceil(heads / TYPES));
    const [loss, logs] = [make(batch, heads), make(batch, heads, 2)];
    dispatchByName(backend, {
      key: 'addonsSpanLoss',
      code: () => LOSS_SOURCE,
      bindings: LOSS_BINDINGS,
      tensors: {Blocks: blocks, Loss: loss, Logs: logs},
      uniforms: uniformBuffer(backend, stages.words(batch * heads)),
      workgroups: flatGrid(batch * heads),
    });
    live.disposeData(blocks.dataId);
    return [loss, logs];
  },
};

export const factorisedGradientOnWebgpu: FusedKernel<FactorisedGradientInputs, FactorisedAttrs> = {
  backend: 'webgpu',
  unsupported: whyNot,
  run: (inputs, attrs, live) => {
    const backend = live as unknown as DispatchBackend;
    const {q, k, bias, dy, logs} = inputs;
    const stages = new Stages(backend, inputs, attrs);
    const [dq, dk, dBias] = [q, k, bias].map(({shape}) => backend.makeTensorInfo(shape, 'float32'));
    const slopes = tf.tidy(() => tf.concat([tf.expandDims(dy, 2), logs], 2)); // [B, H, 3]
    const given = {Slopes: slopes, BiasResult: dBias};
    stages.run('starts', {...given, Own: q, Others: k, Result: dq}, stages.sizes.batch);
    stages.run('ends', {...given, Own: k, Others: q, Result: dk}, stages.sizes.batch);
    slopes.dispose();
    return [dq, dk, dBias];
  },
};

function whyNot({q, k, bias, labels}: FactorisedInputs): string | undefined {
  if (q.size === 0 || bias.size === 0 || labels.size === 0) return 'an empty tensor';
  if ([q, k, bias].some(({dtype}) => dtype !== 'float32')) return 'q, k or bias other than float32';
  if (q.shape[2]! > WIDEST_HEAD) return `heads wider than ${WIDEST_HEAD}`;
  return whyNotDispatch(Math.max(q.size, bias.size, labels.size));
}

type Tensors = Record<string, tf.TensorInfo>;

/** The shaders of one call, which share inputs and sizes. */
class Stages {
  readonly sizes: {batch: number; heads: number; length: number; width: number};
  private readonly variant: Variant;
  private readonly inputs: Tensors;
  private readonly slots: number;

  constructor(
    private readonly backend: DispatchBackend,
    {q, bias, labels, mask}: FactorisedInputs,
    private readonly attrs: FactorisedAttrs,
  ) {
    const [batch, length, width] = q.shape as [number, number, number];
    const {form, trilMask} = attrs;
    this.sizes = {batch, heads: (bias.shape[2] as number) / 2, length, width};
    this.slots = labels.shape[form === 'byType' ? 2 : 1] as number;
    this.variant = {
      head: Math.ceil(width / 4),
      aligned: width % 4 === 0,
      mask: mask && (mask.dtype === 'float32' ? 'f32' : 'i32'),
      trilMask,
      subgroups: hasSubgroups(backend.device),
      form,
    };
    this.inputs = {Bias: bias, Spans: labels, ...(mask && {Mask: mask})};
  }

  words(groups: number): Int32Array {
    const {heads, length, width} = this.sizes;
    const {scale, threshold, maskZero} = this.attrs;
    return spanUniforms([heads, groups, length, width, this.slots, maskZero ? 1 : 0], [scale, threshold]);
  }

  run(stage: FactorisedStage, given: Tensors, groups: number): void {
    const {variant} = this;
    dispatchByName(this.backend, {
      key: `addonsFactorisedCrossentropy_${stage}_${Object.values(variant).join('_')}`,
      code: () => factorisedSource(stage, variant),
      bindings: factorisedBindings(stage, variant),
      tensors: {...this.inputs, ...given},
      uniforms: uniformBuffer(this.backend, this.words(groups)),
      workgroups: gridOf(Math.ceil(this.sizes.length / ROWS), groups),
    });
  }
}
