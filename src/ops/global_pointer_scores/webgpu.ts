/**
 * Scores of spans with rotation, scale, bias and mask in one launch, where composed ops take about ten and pass over
 * the scores three times. An invocation owns an end j and goes over 64 starts i, in tiles of 16 or 8 in workgroup
 * memory (16 KiB at most), so that neighbours write neighbouring scores; with biases one product serves all types. Up
 * to 6 storage buffers.
 */
import type * as tf from '@tensorflow/tfjs-core';

import type {FusedKernel} from '../../internal/kernels.js';
import {type DispatchBackend, dispatchByName, uniformBuffer, whyNotDispatch} from '../../internal/webgpu_dispatch.js';
import {
  type Binding,
  GROUP_INDEX,
  gridOf,
  MOST_WORKGROUPS,
  products,
  ROWS,
  reader,
  rowBinding,
  shader,
  stage,
  tileRows,
} from '../../internal/webgpu_rows.js';
import {TOTAL} from '../../internal/webgpu_span_loss.js';
import {placeOfRow, turnFunctions, turningReader, turnsByVector} from '../rotary_embedding/on_load.js';
import type {RotaryLayout} from '../rotary_embedding/tables.js';
import type {SpanScoreAttrs, SpanScoreInputs} from './name.js';

const WIDEST_HEAD = 256;

export const spanScoresOnWebgpu: FusedKernel<SpanScoreInputs, SpanScoreAttrs> = {
  backend: 'webgpu',
  unsupported: whyNot,
  form: (_, {layout}) => layout && 'q and k rotated on load',
  run: ({q, k, bias, mask, turns}, {scale, trilMask, maskValue, layout}, live) => {
    const backend = live as unknown as DispatchBackend;
    const [length, width] = q.shape.slice(-2);
    const batch = q.shape[0];
    const heads = bias === undefined ? (q.shape[1] as number) : (bias.shape[2] as number) / 2;
    const groups = bias === undefined ? batch * heads : batch;
    const variant: Variant = {
      head: Math.ceil(width / 4),
      aligned: layout === undefined ? width % 4 === 0 : turnsByVector(layout, width),
      bias: bias !== undefined,
      mask: mask && (mask.dtype === 'float32' ? 'f32' : 'i32'),
      trilMask,
      layout,
      bySample: turns?.rank === 4,
    };
    const scores = backend.makeTensorInfo([batch, heads, length, length], 'float32');
    const words = new Int32Array(8);
    words.set([heads, groups, length, width]);
    new Float32Array(words.buffer).set([scale, maskValue], 4);
    dispatchByName(backend, {
      key: `addonsSpanScores_${Object.values(variant).join('_')}`,
      code: () => source(variant),
      bindings: bindingsOf(variant),
      tensors: {Ends: k, Starts: q, Bias: bias, Mask: mask, Turns: turns, Scores: scores} as Record<
        string,
        tf.TensorInfo
      >,
      uniforms: uniformBuffer(backend, words),
      workgroups: gridOf(Math.ceil(length / ROWS) ** 2, groups),
    });
    return scores;
  },
};

function whyNot({q, k, bias}: SpanScoreInputs, {maskValue}: SpanScoreAttrs): string | undefined {
  if (q.size === 0 || bias?.size === 0) return 'an empty tensor';
  if ([q, k, bias ?? q].some(({dtype}) => dtype !== 'float32')) return 'q, k or bias other than float32';
  const [length, width] = q.shape.slice(-2);
  if (width > WIDEST_HEAD) return `heads wider than ${WIDEST_HEAD}`;
  if (!Number.isFinite(maskValue)) return 'an infinite maskValue';
  if (Math.ceil(length / ROWS) ** 2 > MOST_WORKGROUPS) return 'texts too long for one dispatch';
  const heads = bias === undefined ? q.shape[1]! : bias.shape[2]! / 2;
  return whyNotDispatch(Math.max(q.size, q.shape[0] * heads * length * length));
}

/** What the source depends on. */
interface Variant {
  /** Vectors of four channels in a row; the last may be partly filled. */
  head: number;
  aligned: boolean;
  bias: boolean;
  /** Type of the mask's numbers. */
  mask?: 'i32' | 'f32';
  trilMask: boolean;
  /** Of a rotation of the rows as they are loaded. */
  layout?: RotaryLayout;
  /** Whether each sample has its own places in the rotation's table. */
  bySample: boolean;
}

const UNIFORMS = /* wgsl */ `
  struct Uniforms { heads : u32, groups : u32, rows : u32, width : u32, scale : f32, maskValue : f32, };`;

const bindingsOf = ({aligned, bias, mask, layout}: Variant): Binding[] => [
  rowBinding('Ends', aligned),
  rowBinding('Starts', aligned),
  ...(bias ? [{name: 'Bias', type: 'f32'} as const] : []),
  ...(mask ? [{name: 'Mask', type: mask}] : []),
  ...(layout ? [{name: 'Turns', type: 'f32'} as const] : []),
  {name: 'Scores', type: 'f32', written: true},
];

function source(variant: Variant): string {
  const {head, aligned, bias, mask, trilMask, layout, bySample} = variant;
  const place = placeOfRow('u.rows', bias ? '1u' : 'u.heads', bySample);
  const rows = tileRows(head);
  return shader(
    UNIFORMS,
    bindingsOf(variant),
    [
      TOTAL,
      layout ? turnFunctions(layout, 'Turns') : '',
      ...['Ends', 'Starts'].map(name =>
        layout ? turningReader(name, {layout, place, vectors: head, aligned}) : reader(name, head, aligned, 'u.width'),
      ),
      `var<workgroup> tile : array<vec4f, ${rows * head}>;`,
      /* wgsl */ `
      fn blanked(score : f32, sample : u32, i : u32, j : u32) -> f32 {
        let seen = true${trilMask ? ' && i <= j' : ''}${
          mask ? ' && Mask[sample * u.rows + i] != 0 && Mask[sample * u.rows + j] != 0' : ''
        };
        return select(score + u.maskValue, score, seen);
      }`,
    ],
    /* wgsl */ `
    let group = ${GROUP_INDEX};
    if (group >= u.groups) { return; }
    let sample = group${bias ? '' : ' / u.heads'};
    let tiles = (u.rows + ${ROWS - 1}u) / ${ROWS}u;
    let row = place.x % tiles * ${ROWS}u + lane;
    let own = min(row, u.rows - 1u);
    var held : array<vec4f, ${head}>;
    for (var n = 0u; n < ${head}u; n++) { held[n] = readEnds(group * u.rows + own, n); }
    let begin = place.x / tiles * ${ROWS}u;
    let end = min(begin + ${ROWS}u, u.rows);
    for (var other = begin; other < end; other += ${rows}u) {
      workgroupBarrier();
      ${stage('tile', 'readStarts', rows, [head, head], {base: 'group * u.rows', from: 'other', end: 'end'})}
      workgroupBarrier();
      for (var c = 0u; c < ${rows}u; c += 4u) {
        ${products('scores', 'tile', head, 'held[i]')}
        for (var n = 0u; n < 4u; n++) {
          let i = other + c + n;
          if (i >= end || row >= u.rows) { continue; }
          let score = scores[n] * u.scale;
          ${bias ? BIASED : 'Scores[(group * u.rows + i) * u.rows + row] = blanked(score, sample, i, row);'}
        }
      }
    }`,
  );
}

/** End scores are the even channels, start scores the odd ones. */
const BIASED = /* wgsl */ `
  let blank = blanked(score, sample, i, row);
  for (var head = 0u; head < u.heads; head++) {
    let ofEnd = Bias[2u * ((sample * u.rows + row) * u.heads + head)];
    let ofStart = Bias[2u * ((sample * u.rows + i) * u.heads + head) + 1u];
    Scores[((sample * u.heads + head) * u.rows + i) * u.rows + row] = blank + ofEnd + ofStart;
  }`;
