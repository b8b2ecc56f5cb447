/** Two reductions for each of the two sums forward, and one pass backward that writes the gradient. */
import * as tf from '@tensorflow/tfjs-core';

import type {FusedKernel} from '../../internal/kernels.js';
import {ABSENT_BELOW} from '../../internal/numbers.js';
import {WebglRows} from '../../internal/webgl_rows.js';
import type {MultilabelAttrs, MultilabelGradientInputs, MultilabelInputs} from './name.js';

export const multilabelOnWebgl: FusedKernel<MultilabelInputs, MultilabelAttrs> = {
  backend: 'webgl',
  run: ({logits, labels}, attrs, backend) =>
    tf.tidy(() => {
      const logOf = (isPositive: boolean): tf.Tensor1D => {
        const weight = isPositive ? 'truth(row, column)' : '(1.0 - truth(row, column))';
        const exponent = isPositive ? '-score(row, column)' : 'score(row, column)';
        const term = (value: string) => `isPresent(row, column) && ${weight} > 0.0 ? ${value} : 0.0`;
        const rows = rowsOf({logits, labels}, attrs, backend);
        const top = rows.max(term(exponent)); // at least 0: the 1 is exp(0)
        const sum = rows.add('top', tf.relu(top)).sum(term(`${weight} * exp(${exponent} - getTop(row))`));
        return tf.add(tf.relu(top), tf.log(tf.add(sum, tf.exp(tf.neg(tf.relu(top))))));
      };
      return [tf.stack([logOf(false), logOf(true)], 1)];
    }),
};

export const multilabelGradientOnWebgl: FusedKernel<MultilabelGradientInputs, MultilabelAttrs> = {
  backend: 'webgl',
  run: ({dy, logits, labels, logs}, attrs, backend) =>
    rowsOf({logits, labels}, attrs, backend)
      .add('logs', logs)
      .add('dy', dy)
      .elements(`isPresent(row, column)
        ? getDy(row) * slope(score(row, column), truth(row, column), getLogs(row, 0), getLogs(row, 1)) : 0.0`),
};

function rowsOf({logits, labels}: MultilabelInputs, attrs: MultilabelAttrs, backend: tf.KernelBackend): WebglRows {
  const settings = {threshold: attrs.threshold};
  return new WebglRows(
    backend,
    logits.shape,
    {logits, labels},
    settings,
    functionsOf(attrs, labels.shape[1] as number),
  );
}

const functionsOf = ({form, side, maskZero}: MultilabelAttrs, listed: number): string => /* glsl */ `
  float score(int row, int column) { return getLogits(row, column) - threshold; }
  bool isPresent(int row, int column) {
    return !(getLogits(row, column) < ${ABSENT_BELOW.toExponential()})${maskZero ? ' && column > 0' : ''};
  }
  ${form === 'dense' ? DENSE : listedTruth(form === 'spans' ? cellOfSpan(side) : CLASS_NUMBER, listed)}
  float slope(float s, float t, float logNegative, float logPositive) {
    float negative = t < 1.0 ? (1.0 - t) * exp(s - logNegative) : 0.0;
    float positive = t > 0.0 ? t * exp(-s - logPositive) : 0.0;
    return negative - positive;
  }`;

const DENSE = /* glsl */ `
  float truth(int row, int column) { return clamp(getLabels(row, column), 0.0, 1.0); }`;

const CLASS_NUMBER = 'float cell(int row, int i) { return getLabels(row, i); }';

/** −1 outside the square. */
const cellOfSpan = (side: number): string => /* glsl */ `
  float cell(int row, int i) {
    vec2 span = vec2(getLabels(row, i, 0), getLabels(row, i, 1));
    bool isInside = all(greaterThan(span, vec2(-0.5))) && all(lessThan(span, vec2(${side}.0 - 0.5)));
    return isInside ? span.x * ${side}.0 + span.y : -1.0;
  }`;

const listedTruth = (cell: string, listed: number): string => /* glsl */ `
  ${cell}
  float truth(int row, int column) {
    for (int i = 0; i < ${listed}; i++) {
      if (int(floor(cell(row, i) + 0.5)) == column) { return 1.0; }
    }
    return 0.0;
  }`;
