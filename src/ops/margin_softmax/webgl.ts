/**
 * Reductions for the largest logit, the partition sum and the labels of a row; backward one more pass writes the
 * gradient.
 */
import * as tf from '@tensorflow/tfjs-core';

import type {FusedKernel} from '../../internal/kernels.js';
import {WebglRows} from '../../internal/webgl_rows.js';
import {
  LARGEST_COSINE,
  type MarginAttrs,
  type MarginGradientInputs,
  type MarginInputs,
  type MarginKind,
} from './name.js';

export const marginSoftmaxOnWebgl: FusedKernel<MarginInputs, MarginAttrs> = {
  backend: 'webgl',
  run: ({cosines, labels}, attrs, backend) =>
    tf.tidy(() => {
      const rows = partitioned({cosines, labels}, attrs, backend);
      return rows.sum('degree(row, column) * (log(getTotal(row)) + getTop(row) - logit(row, column))');
    }),
};

export const marginGradientOnWebgl: FusedKernel<MarginGradientInputs, MarginAttrs> = {
  backend: 'webgl',
  run: ({dy, cosines, labels}, attrs, backend) =>
    tf.tidy(() => {
      const rows = partitioned({cosines, labels}, attrs, backend);
      const labelled = rows.sum('degree(row, column)');
      return rows
        .add('labelled', labelled)
        .add('dy', dy)
        .elements(`
        getDy(row) * scale
        * (getLabelled(row) * exp(logit(row, column) - getTop(row)) / getTotal(row) - degree(row, column))
        * (1.0 + degree(row, column) * (slope(getCosines(row, column)) - 1.0))`);
    }),
};

/** With the inputs top, the largest logit, and total, Σ exp(logit − top). */
function partitioned(
  {cosines, labels}: MarginInputs,
  {kind, margin, scale}: MarginAttrs,
  backend: tf.KernelBackend,
): WebglRows {
  const settings = {scale, margin, cosMargin: Math.cos(margin), sinMargin: Math.sin(margin)};
  const functions = functionsOf(kind, labels.shape.length);
  const rows = new WebglRows(backend, cosines.shape, {cosines, labels}, settings, functions);
  const top = rows.max('logit(row, column)');
  return rows.add('top', top).add('total', rows.sum('exp(logit(row, column) - getTop(row))'));
}

const MARGINS: Record<MarginKind, string> = {
  additive: /* glsl */ `
    float target(float x) { return x - margin; }
    float slope(float x) { return 1.0; }`,
  angular: /* glsl */ `
    float clipped(float x) { return clamp(x, ${-LARGEST_COSINE}, ${LARGEST_COSINE}); }
    float sine(float x) { return sqrt((1.0 - x) * (1.0 + x)); }
    float target(float cosine) {
      float x = clipped(cosine);
      return x > -cosMargin ? x * cosMargin - sine(x) * sinMargin : x - margin * sinMargin;
    }
    float slope(float cosine) {
      float x = clipped(cosine);
      return x > -cosMargin ? cosMargin + x / sine(x) * sinMargin : 1.0;
    }`,
  fourfold: /* glsl */ `
    float fourfold(float square) { return 8.0 * square * (square - 1.0) + 1.0; }
    float target(float x) { return min(x, fourfold(x * x)); }
    float slope(float x) { return fourfold(x * x) < x ? 16.0 * x * (2.0 * x * x - 1.0) : 1.0; }`,
};

const functionsOf = (kind: MarginKind, labelRank: number): string => /* glsl */ `
  ${MARGINS[kind]}
  float degree(int row, int column) {
    ${labelRank === 1 ? 'return int(floor(getLabels(row) + 0.5)) == column ? 1.0 : 0.0;' : 'return getLabels(row, column);'}
  }
  float logit(int row, int column) {
    float x = getCosines(row, column);
    float t = degree(row, column);
    return scale * (t == 0.0 ? x : x + t * (target(x) - x));
  }`;
