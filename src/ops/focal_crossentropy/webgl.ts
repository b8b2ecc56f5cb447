/** One reduction forward, and one pass backward that reads logits and labels and writes the gradient. */
import * as tf from '@tensorflow/tfjs-core';

import type {FusedKernel} from '../../internal/kernels.js';
import {WebglRows} from '../../internal/webgl_rows.js';
import type {FocalAttrs, FocalGradientInputs, FocalInputs} from './name.js';

export const focalOnWebgl: FusedKernel<FocalInputs, FocalAttrs> = {
  backend: 'webgl',
  run: ({logits, labels}, {alpha, gamma}, backend) =>
    tf.tidy(() => {
      const rows = new WebglRows(backend, logits.shape, {logits, labels}, {alpha, gamma}, FUNCTIONS);
      const term = `t(row, column) * positive(s(row, column)) * softplus(-s(row, column))
        + (1.0 - t(row, column)) * negative(s(row, column)) * softplus(s(row, column))`;
      return tf.div(rows.sum(term), logits.shape[1] as number);
    }),
};

export const focalGradientOnWebgl: FusedKernel<FocalGradientInputs, FocalAttrs> = {
  backend: 'webgl',
  run: ({dy, logits, labels}, {alpha, gamma}, backend) => {
    const settings = {alpha, gamma, classes: logits.shape[1] as number};
    const rows = new WebglRows(backend, logits.shape, {dy, logits, labels}, settings, FUNCTIONS);
    return rows.elements('getDy(row) / classes * slope(s(row, column), t(row, column))');
  },
};

const FUNCTIONS = /* glsl */ `
  float softplus(float x) {
    float small = exp(-abs(x));
    // log(1 + x) loses the digits of a small x.
    return max(x, 0.0) + (small < 1e-3 ? small - 0.5 * small * small : log(1.0 + small));
  }
  float s(int row, int column) { return getLogits(row, column); }
  float t(int row, int column) { return clamp(getLabels(row, column), 0.0, 1.0); }
  float positive(float s) { return alpha * exp(-gamma * softplus(s)); }
  float negative(float s) { return (1.0 - alpha) * exp(-gamma * softplus(-s)); }
  float slope(float s, float t) {
    float a = softplus(-s);
    float b = softplus(s);
    float p = exp(-a);
    float q = exp(-b);
    return (1.0 - t) * negative(s) * (gamma * q * b + p) - t * positive(s) * (gamma * p * a + q);
  }`;
