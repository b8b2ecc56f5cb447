/**
 * The loss of spans without their scores: 2 launches forward, 2 backward. Memory is that of the gradients, and 16 bytes
 * for each 64 rows. Half of the tiles are skipped where spans may not end before they start. A rotation of queries and
 * keys takes no launch of its own. Up to 8 storage buffers.
 */
import type * as tf from '@tensorflow/tfjs-core';

import type {FusedKernel} from '../../internal/kernels.js';
import {type DispatchBackend, dispatchByName, uniformBuffer, whyNotDispatch} from '../../internal/webgpu_dispatch.js';
import {hasSubgroups} from '../../internal/webgpu_features.js';
import {type Binding, flatGrid, gridOf, ROWS} from '../../internal/webgpu_rows.js';
import {LOSS_BINDINGS, LOSS_SOURCE, spanUniforms} from '../../internal/webgpu_span_loss.js';
import {turnsByVector} from '../rotary_embedding/on_load.js';
import type {SpanAttrs, SpanGradientInputs, SpanInputs} from './name.js';
import {type SpanStage, spanBindings, spanSource, type Variant} from './source.js';

const WIDEST_HEAD = 256;

export const spanCrossentropyOnWebgpu: FusedKernel<SpanInputs, SpanAttrs> = {
  backend: 'webgpu',
  unsupported: whyNot,
  form: (_, {layout}) => layout && 'q and k rotated on load',
  run: (inputs, attrs, backend) => {
    const stages = new Stages(backend as unknown as DispatchBackend, inputs, attrs);
    const [batch, heads, length] = inputs.q.shape;
    const blocks = stages.make([batch, heads, Math.ceil(length / ROWS), 4]);
    stages.byRows('partition', {Own: inputs.q, Others: inputs.k, Blocks: blocks});
    const [loss, logs] = [stages.make([batch, heads]), stages.make([batch, heads, 2])];
    const tensors = {Blocks: blocks, Loss: loss, Logs: logs};
    stages.run('loss', LOSS_BINDINGS, () => LOSS_SOURCE, tensors, flatGrid(batch * heads));
    backend.disposeData(blocks.dataId);
    return [loss, logs];
  },
};

export const spanGradientOnWebgpu: FusedKernel<SpanGradientInputs, SpanAttrs> = {
  backend: 'webgpu',
  unsupported: whyNot,
  run: (inputs, attrs, backend) => {
    const {q, k, dy, logs} = inputs;
    const stages = new Stages(backend as unknown as DispatchBackend, inputs, attrs);
    const [dq, dk] = [q, k].map(({shape}) => stages.make(shape));
    const given = {Slope: dy, Logs: logs};
    stages.byRows('starts', {...given, Own: q, Others: k, Result: dq});
    stages.byRows('ends', {...given, Own: k, Others: q, Result: dk});
    return [dq, dk];
  },
};

function whyNot({q, k, spans}: Partial<SpanInputs> & Pick<SpanInputs, 'q' | 'k'>): string | undefined {
  if (q.size === 0 || spans?.size === 0) return 'an empty tensor';
  if (q.dtype !== 'float32' || k.dtype !== 'float32') return 'q and k other than float32';
  if (q.shape[3]! > WIDEST_HEAD) return `heads wider than ${WIDEST_HEAD}`;
  return whyNotDispatch(q.size);
}

type Tensors = Record<string, tf.TensorInfo>;

/** The shaders of one call, which share inputs and uniforms. */
class Stages {
  private readonly variant: Variant;
  private readonly words: Int32Array;
  private readonly inputs: Tensors;
  private readonly shape: number[];

  constructor(
    private readonly backend: DispatchBackend,
    {q, spans, mask, turns}: SpanInputs,
    {scale, trilMask, threshold, maskZero, layout}: SpanAttrs,
  ) {
    const [batch, heads, length, width] = q.shape as [number, number, number, number];
    this.shape = q.shape;
    this.variant = {
      head: Math.ceil(width / 4),
      aligned: layout === undefined ? width % 4 === 0 : turnsByVector(layout, width),
      mask: mask && (mask.dtype === 'float32' ? 'f32' : 'i32'),
      trilMask,
      subgroups: hasSubgroups(backend.device),
      layout,
      bySample: turns?.rank === 4,
    };
    const slots = spans.shape[2] as number;
    this.words = spanUniforms([heads, batch * heads, length, width, slots, maskZero ? 1 : 0], [scale, threshold]);
    this.inputs = {Spans: spans, Mask: mask, Turns: turns} as Tensors;
  }

  make(shape: number[]): tf.TensorInfo {
    return this.backend.makeTensorInfo(shape, 'float32');
  }

  byRows(stage: SpanStage, given: Tensors): void {
    const [batch, heads, length] = this.shape;
    const {variant} = this;
    const grid = gridOf(Math.ceil(length / ROWS), batch * heads);
    this.run(stage, spanBindings(stage, variant), () => spanSource(stage, variant), given, grid);
  }

  run(
    stage: string,
    bindings: readonly Binding[],
    code: () => string,
    given: Tensors,
    workgroups: [number, number?, number?],
  ): void {
    dispatchByName(this.backend, {
      key: `addonsSpanCrossentropy_${stage}_${Object.values(this.variant).join('_')}`,
      code,
      bindings,
      tensors: {...this.inputs, ...given},
      uniforms: uniformBuffer(this.backend, this.words),
      workgroups,
    });
  }
}
