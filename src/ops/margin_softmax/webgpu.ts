/**
 * One dispatch each way, a workgroup a row: log Σ exp in one reduction, the labels in a second from cache. 4 bytes an
 * element with class numbers, 8 with degrees; backward 4 more are written.
 */
import type {FusedKernel} from '../../internal/kernels.js';
import {LOG_SUM, SUM} from '../../internal/webgpu_reductions.js';
import {type RowTask, runRowTask} from '../../internal/webgpu_row_tasks.js';
import {
  LARGEST_COSINE,
  type MarginAttrs,
  type MarginGradientInputs,
  type MarginInputs,
  type MarginKind,
} from './name.js';

export const marginSoftmaxOnWebgpu: FusedKernel<MarginInputs, MarginAttrs> = {
  backend: 'webgpu',
  run: ({cosines, labels}, attrs, backend) =>
    runRowTask(backend, taskOf('row', labels.shape.length, attrs.kind), [cosines, labels], settingsOf(attrs)),
};

export const marginGradientOnWebgpu: FusedKernel<MarginGradientInputs, MarginAttrs> = {
  backend: 'webgpu',
  run: ({dy, cosines, labels}, attrs, backend) =>
    runRowTask(backend, taskOf('element', labels.shape.length, attrs.kind), [cosines, labels, dy], settingsOf(attrs)),
};

const settingsOf = ({scale, margin}: MarginAttrs) => [scale, Math.cos(margin), Math.sin(margin), margin];

const taskOf = (each: 'row' | 'element', labelRank: number, kind: MarginKind): RowTask => ({
  key: `margin_${each}_${labelRank}_${kind}`,
  inputs: each === 'row' ? ['cosines', 'labels'] : ['cosines', 'labels', 'dy'],
  settings: ['scale', 'cosMargin', 'sinMargin', 'margin'],
  functions: /* wgsl */ `
    ${MARGINS[kind]}
    fn degree(row : i32, column : i32) -> f32 {
      ${labelRank === 1 ? 'return select(0.0, 1.0, i32(labels[row]) == column);' : 'return f32(labels[row * uniforms.classes + column]);'}
    }
    fn logit(row : i32, column : i32) -> f32 {
      let x = cosines[row * uniforms.classes + column];
      let t = degree(row, column);
      return uniforms.scale * select(x + t * (target_of(x) - x), x, t == 0.0);
    }`,
  reductions: [
    {name: 'sums', ...LOG_SUM, term: 'vec4<f32>(logit(row, column), 1.0, -3e38, 0.0)'},
    {
      name: 'labelled',
      ...SUM,
      term: 'vec4<f32>(degree(row, column), degree(row, column) * (logit(row, column) - sums.x), 0.0, 0.0)',
    },
  ],
  output: {
    each,
    value:
      each === 'row'
        ? 'labelled.x * log(sums.y) - labelled.y'
        : `dy[row] * uniforms.scale
           * (labelled.x * exp(logit(row, column) - sums.x) / sums.y - degree(row, column))
           * (1.0 + degree(row, column) * (slope_of(cosines[at]) - 1.0))`,
  },
});

const MARGINS: Record<MarginKind, string> = {
  additive: /* wgsl */ `
    fn target_of(x : f32) -> f32 { return x - uniforms.margin; }
    fn slope_of(x : f32) -> f32 { return 1.0; }`,
  angular: /* wgsl */ `
    fn target_of(cosine : f32) -> f32 {
      let x = clamp(cosine, -${LARGEST_COSINE}, ${LARGEST_COSINE});
      let turned = x * uniforms.cosMargin - sqrt((1.0 - x) * (1.0 + x)) * uniforms.sinMargin;
      return select(x - uniforms.margin * uniforms.sinMargin, turned, x > -uniforms.cosMargin);
    }
    fn slope_of(cosine : f32) -> f32 {
      let x = clamp(cosine, -${LARGEST_COSINE}, ${LARGEST_COSINE});
      let turned = uniforms.cosMargin + x / sqrt((1.0 - x) * (1.0 + x)) * uniforms.sinMargin;
      return select(1.0, turned, x > -uniforms.cosMargin);
    }`,
  fourfold: /* wgsl */ `
    fn fourfold(square : f32) -> f32 { return 8.0 * square * (square - 1.0) + 1.0; }
    fn target_of(x : f32) -> f32 { return min(x, fourfold(x * x)); }
    fn slope_of(x : f32) -> f32 {
      return select(1.0, 16.0 * x * (2.0 * x * x - 1.0), fourfold(x * x) < x);
    }`,
};
