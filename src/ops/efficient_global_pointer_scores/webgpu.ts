/**
 * The sums of `spanSumsReference` in one dispatch without barriers: an invocation adds up one cell over the types, or
 * one end over its starts, or one start over its ends. tfjs takes a workgroup and a tree of barriers for each number.
 * 4 storage buffers.
 */
import type * as tf from '@tensorflow/tfjs-core';

import {whyNotFloats} from '../../internal/float_inputs.js';
import type {FusedKernel} from '../../internal/kernels.js';
import {type DispatchBackend, dispatchByName, uniformBuffer, whyNotDispatch} from '../../internal/webgpu_dispatch.js';
import {type Binding, flatGrid, INVOCATION, shader} from '../../internal/webgpu_rows.js';
import type {SpanSumAttrs, SpanSumInputs} from './name.js';

export const spanSumsOnWebgpu: FusedKernel<SpanSumInputs, SpanSumAttrs> = {
  backend: 'webgpu',
  unsupported: whyNot,
  run: ({dy, mask}, {scale, trilMask}, live) => {
    const backend = live as unknown as DispatchBackend;
    const [batch, heads, length] = dy.shape as [number, number, number];
    const variant: Variant = {mask: mask && (mask.dtype === 'float32' ? 'f32' : 'i32'), trilMask};
    const spans = backend.makeTensorInfo([batch, length, length], 'float32');
    const bias = backend.makeTensorInfo([batch, length, 2 * heads], 'float32');
    const words = new Int32Array(4);
    words.set([batch, heads, length]);
    new Float32Array(words.buffer)[3] = scale;
    dispatchByName(backend, {
      key: `addonsSpanSums_${Object.values(variant).join('_')}`,
      code: () => source(variant),
      bindings: bindingsOf(variant),
      tensors: {Slopes: dy, Mask: mask, Spans: spans, Bias: bias} as Record<string, tf.TensorInfo>,
      uniforms: uniformBuffer(backend, words),
      workgroups: flatGrid(batch * length * (length + 2 * heads)),
    });
    return [spans, bias];
  },
};

function whyNot({dy}: SpanSumInputs): string | undefined {
  return whyNotFloats({dy}) ?? whyNotDispatch(dy.size);
}

/** What the source depends on. */
interface Variant {
  /** Type of the mask's numbers. */
  mask?: 'i32' | 'f32';
  trilMask: boolean;
}

const UNIFORMS = /* wgsl */ `
  struct Uniforms { batch : u32, heads : u32, rows : u32, scale : f32, };`;

const bindingsOf = ({mask}: Variant): Binding[] => [
  {name: 'Slopes', type: 'f32'},
  ...(mask ? [{name: 'Mask', type: mask}] : []),
  {name: 'Spans', type: 'f32', written: true},
  {name: 'Bias', type: 'f32', written: true},
];

function source(variant: Variant): string {
  const {mask, trilMask} = variant;
  const kept = (row: string) => (mask ? `Mask[sample * u.rows + ${row}] != 0` : 'true');
  return shader(
    UNIFORMS,
    bindingsOf(variant),
    [
      /* wgsl */ `
      fn keeps(sample : u32, row : u32) -> bool { return ${kept('row')}; }
      fn slope(sample : u32, head : u32, i : u32, j : u32) -> f32 {
        return Slopes[((sample * u.heads + head) * u.rows + i) * u.rows + j];
      }`,
    ],
    /* wgsl */ `
    let at = ${INVOCATION};
    let cells = u.batch * u.rows * u.rows;
    var sum = 0.0;
    if (at < cells) {
      let sample = at / (u.rows * u.rows);
      let i = at / u.rows % u.rows;
      let j = at % u.rows;
      if (${trilMask ? 'i <= j && ' : ''}keeps(sample, i) && keeps(sample, j)) {
        for (var head = 0u; head < u.heads; head++) { sum += slope(sample, head, i, j); }
      }
      Spans[at] = sum * u.scale;
      return;
    }
    let place_ = at - cells;
    if (place_ >= u.batch * u.heads * 2u * u.rows) { return; }
    let row = place_ % u.rows;
    let side = place_ / u.rows % 2u;
    let head = place_ / (2u * u.rows) % u.heads;
    let sample = place_ / (2u * u.rows * u.heads);
    if (keeps(sample, row)) {
      let isEnd = side == 0u;
      let begin = ${trilMask ? 'select(row, 0u, isEnd)' : '0u'};
      let end = ${trilMask ? 'select(u.rows, row + 1u, isEnd)' : 'u.rows'};
      for (var other = begin; other < end; other++) {
        if (keeps(sample, other)) {
          sum += slope(sample, head, select(row, other, isEnd), select(other, row, isEnd));
        }
      }
    }
    Bias[(sample * u.rows + row) * 2u * u.heads + 2u * head + side] = sum;`,
  );
}
