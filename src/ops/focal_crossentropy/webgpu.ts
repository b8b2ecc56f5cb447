/** One dispatch each way, a workgroup a row: reads 8 bytes an element, and the gradient writes 4. */
import type {FusedKernel} from '../../internal/kernels.js';
import {SUM} from '../../internal/webgpu_reductions.js';
import {type RowTask, runRowTask} from '../../internal/webgpu_row_tasks.js';
import type {FocalAttrs, FocalGradientInputs, FocalInputs} from './name.js';

export const focalOnWebgpu: FusedKernel<FocalInputs, FocalAttrs> = {
  backend: 'webgpu',
  run: ({logits, labels}, {alpha, gamma}, backend) => runRowTask(backend, LOSS, [logits, labels], [alpha, gamma]),
};

export const focalGradientOnWebgpu: FusedKernel<FocalGradientInputs, FocalAttrs> = {
  backend: 'webgpu',
  run: ({dy, logits, labels}, {alpha, gamma}, backend) =>
    runRowTask(backend, GRADIENT, [logits, labels, dy], [alpha, gamma]),
};

const FUNCTIONS = /* wgsl */ `
  fn softplus(x : f32) -> f32 {
    let small = exp(-abs(x));
    // log(1 + x) loses the digits of a small x.
    return max(x, 0.0) + select(log(1.0 + small), small - 0.5 * small * small, small < 1e-3);
  }`;

const LOSS: RowTask = {
  key: 'focal_loss',
  inputs: ['logits', 'labels'],
  settings: ['alpha', 'gamma'],
  functions: /* wgsl */ `
    ${FUNCTIONS}
    fn loss_of(at : i32) -> f32 {
      let t = clamp(f32(labels[at]), 0.0, 1.0);
      let a = softplus(-logits[at]);
      let b = softplus(logits[at]);
      return t * uniforms.alpha * exp(-uniforms.gamma * b) * a
        + (1.0 - t) * (1.0 - uniforms.alpha) * exp(-uniforms.gamma * a) * b;
    }`,
  reductions: [{name: 'loss', ...SUM, term: 'vec4<f32>(loss_of(at), 0.0, 0.0, 0.0)'}],
  output: {each: 'row', value: 'loss.x / f32(uniforms.classes)'},
};

const GRADIENT: RowTask = {
  key: 'focal_gradient',
  inputs: ['logits', 'labels', 'dy'],
  settings: ['alpha', 'gamma'],
  functions: /* wgsl */ `
    ${FUNCTIONS}
    fn slope_of(at : i32) -> f32 {
      let t = clamp(f32(labels[at]), 0.0, 1.0);
      let a = softplus(-logits[at]);
      let b = softplus(logits[at]);
      let p = exp(-a);
      let q = exp(-b);
      let pull = t * uniforms.alpha * exp(-uniforms.gamma * b) * (uniforms.gamma * p * a + q);
      let push = (1.0 - t) * (1.0 - uniforms.alpha) * exp(-uniforms.gamma * a) * (uniforms.gamma * q * b + p);
      return push - pull;
    }`,
  reductions: [],
  output: {each: 'element', value: 'dy[row] / f32(uniforms.classes) * slope_of(at)'},
};
