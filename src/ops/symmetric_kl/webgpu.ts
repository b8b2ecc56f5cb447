/**
 * A workgroup a row. One dispatch forward; two backward, one for each argument, as both divergences are symmetric.
 * Reads 8 bytes an element, those of the softmax from cache after the first time, and a gradient writes 4.
 */
import type * as tf from '@tensorflow/tfjs-core';

import type {FusedKernel} from '../../internal/kernels.js';
import {ABSENT_BELOW} from '../../internal/numbers.js';
import {LOG_SUM, SUM} from '../../internal/webgpu_reductions.js';
import {type RowReduction, type RowTask, runRowTask} from '../../internal/webgpu_row_tasks.js';
import type {KlGradientInputs, KlInputs} from './name.js';

const forward = (task: RowTask): FusedKernel<KlInputs, object> => ({
  backend: 'webgpu',
  run: ({a, b}, _attrs, backend) => runRowTask(backend, task, [a, b], []),
});

const backward = (task: RowTask): FusedKernel<KlGradientInputs, object> => ({
  backend: 'webgpu',
  run: ({dy, a, b}, _attrs, backend) => {
    const gradient = (own: tf.Tensor, other: tf.Tensor) => runRowTask(backend, task, [own, other, dy], []);
    return [gradient(a, b), gradient(b, a)];
  },
});

const LOSS_INPUTS = {inputs: ['a', 'b'], settings: []};
const GRADIENT_INPUTS = {inputs: ['a', 'b', 'dy'], settings: []};

const BERNOULLI = /* wgsl */ `
  fn sigma(x : f32) -> f32 {
    let small = exp(-abs(x));
    return select(1.0, small, x < 0.0) / (1.0 + small);
  }
  /** p, q and the gap of the logits; nothing where either is absent. */
  fn pair(at : i32) -> vec4<f32> {
    let s = a[at];
    let t = b[at];
    if (s < ${ABSENT_BELOW} || t < ${ABSENT_BELOW}) { return vec4<f32>(0.0); }
    return vec4<f32>(sigma(s), sigma(t), s - t, 0.0);
  }
  fn product(x : vec4<f32>) -> vec4<f32> { return vec4<f32>((x.x - x.y) * x.z, 0.0, 0.0, 0.0); }
  fn slope(x : vec4<f32>) -> f32 { return x.x * (1.0 - x.x) * x.z + x.x - x.y; }`;

export const bernoulliKlOnWebgpu = forward({
  key: 'bernoulli_kl',
  ...LOSS_INPUTS,
  functions: BERNOULLI,
  reductions: [{name: 'divergence', ...SUM, term: 'product(pair(at))'}],
  output: {each: 'row', value: 'divergence.x'},
});

export const bernoulliKlGradientOnWebgpu = backward({
  key: 'bernoulli_kl_gradient',
  ...GRADIENT_INPUTS,
  functions: BERNOULLI,
  reductions: [],
  output: {each: 'element', value: 'dy[row] * slope(pair(at))'},
});

const SUMS: RowReduction = {name: 'sums', ...LOG_SUM, term: 'vec4<f32>(a[at], 1.0, b[at], 1.0)'};

const SOFTMAX = /* wgsl */ `
  /** log p and log q. */
  fn logs(at : i32, sums : vec4<f32>) -> vec2<f32> {
    return vec2<f32>(a[at], b[at]) - sums.xz - log(sums.yw);
  }
  fn terms(at : i32, sums : vec4<f32>) -> vec4<f32> {
    let log_pq = logs(at, sums);
    let pq = exp(log_pq);
    let gap = log_pq.x - log_pq.y;
    return vec4<f32>((pq.x - pq.y) * gap, pq.x * gap, 0.0, 0.0);
  }
  fn slope(at : i32, sums : vec4<f32>, mean : f32) -> f32 {
    let log_pq = logs(at, sums);
    let pq = exp(log_pq);
    return pq.x * (log_pq.x - log_pq.y - mean) + pq.x - pq.y;
  }`;

const MEANS: RowReduction = {name: 'means', ...SUM, term: 'terms(at, sums)'};

export const softmaxKlOnWebgpu = forward({
  key: 'softmax_kl',
  ...LOSS_INPUTS,
  functions: SOFTMAX,
  reductions: [SUMS, MEANS],
  output: {each: 'row', value: 'means.x'},
});

export const softmaxKlGradientOnWebgpu = backward({
  key: 'softmax_kl_gradient',
  ...GRADIENT_INPUTS,
  functions: SOFTMAX,
  reductions: [SUMS, MEANS],
  output: {each: 'element', value: 'dy[row] * slope(at, sums, means.y)'},
});
