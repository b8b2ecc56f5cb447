/** Reductions forward; backward one pass for each of the two gradients, as both divergences are symmetric. */
import * as tf from '@tensorflow/tfjs-core';

import type {FusedKernel} from '../../internal/kernels.js';
import {ABSENT_BELOW} from '../../internal/numbers.js';
import {WebglRows} from '../../internal/webgl_rows.js';
import type {KlGradientInputs, KlInputs} from './name.js';

export const bernoulliKlOnWebgl: FusedKernel<KlInputs, object> = {
  backend: 'webgl',
  run: ({a, b}, _attrs, backend) =>
    tf.tidy(() => new WebglRows(backend, a.shape, {a, b}, {}, BERNOULLI).sum('product(pair(row, column))')),
};

export const bernoulliKlGradientOnWebgl: FusedKernel<KlGradientInputs, object> = {
  backend: 'webgl',
  run: ({dy, a, b}, _attrs, backend) => {
    const gradient = (own: tf.Tensor, other: tf.Tensor) => {
      const rows = new WebglRows(backend, a.shape, {dy, a: own, b: other}, {}, BERNOULLI);
      return rows.elements('getDy(row) * slope(pair(row, column))');
    };
    return [gradient(a, b), gradient(b, a)];
  },
};

export const softmaxKlOnWebgl: FusedKernel<KlInputs, object> = {
  backend: 'webgl',
  run: ({a, b}, _attrs, backend) =>
    tf.tidy(() => {
      const rows = new WebglRows(
        backend,
        a.shape,
        {a, b, logA: logSum(a, backend), logB: logSum(b, backend)},
        {},
        SOFTMAX,
      );
      return rows.sum('(exp(logP(row, column)) - exp(logQ(row, column))) * gap(row, column)');
    }),
};

export const softmaxKlGradientOnWebgl: FusedKernel<KlGradientInputs, object> = {
  backend: 'webgl',
  run: ({dy, a, b}, _attrs, backend) =>
    tf.tidy(() => {
      const [logA, logB] = [logSum(a, backend), logSum(b, backend)];
      const gradient = (inputs: Record<'a' | 'b' | 'logA' | 'logB', tf.Tensor>) => {
        const rows = new WebglRows(backend, a.shape, {dy, ...inputs}, {}, SOFTMAX);
        const mean = rows.sum('exp(logP(row, column)) * gap(row, column)');
        return rows.add('mean', mean).elements(`getDy(row) * (
          exp(logP(row, column)) * (gap(row, column) - getMean(row) + 1.0) - exp(logQ(row, column)))`);
      };
      return [gradient({a, b, logA, logB}), gradient({a: b, b: a, logA: logB, logB: logA})];
    }),
};

/** log Σ exp of each row, `[R]`. */
function logSum(x: tf.Tensor, backend: tf.KernelBackend): tf.Tensor1D {
  const rows = new WebglRows(backend, x.shape, {x}, {}, '');
  const top = rows.max('getX(row, column)');
  return tf.add(top, tf.log(rows.add('top', top).sum('exp(getX(row, column) - getTop(row))')));
}

const BERNOULLI = /* glsl */ `
  float sigma(float x) {
    float small = exp(-abs(x));
    return (x < 0.0 ? small : 1.0) / (1.0 + small);
  }
  /** p, q and the gap of the logits; nothing where either is absent. */
  vec3 pair(int row, int column) {
    float s = getA(row, column);
    float t = getB(row, column);
    if (s < ${ABSENT_BELOW.toExponential()} || t < ${ABSENT_BELOW.toExponential()}) { return vec3(0.0); }
    return vec3(sigma(s), sigma(t), s - t);
  }
  float product(vec3 x) { return (x.x - x.y) * x.z; }
  float slope(vec3 x) { return x.x * (1.0 - x.x) * x.z + x.x - x.y; }`;

const SOFTMAX = /* glsl */ `
  float logP(int row, int column) { return getA(row, column) - getLogA(row); }
  float logQ(int row, int column) { return getB(row, column) - getLogB(row); }
  float gap(int row, int column) { return logP(row, column) - logQ(row, column); }`;
