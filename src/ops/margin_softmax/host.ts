/**
 * Row by row: the largest logit, the sum, and the loss or the shares; 4 (class numbers) or 8 bytes an element, then
 * from cache.
 */
import {fastExp} from '../../internal/fast_exp.js';
import type {HostArray, HostKernel} from '../../internal/host_kernels.js';
import {
  LARGEST_COSINE,
  type MarginAttrs,
  type MarginGradientInputs,
  type MarginInputs,
  type MarginKind,
} from './name.js';

export const marginSoftmaxOnHost: HostKernel<MarginInputs, MarginAttrs> = {
  outputShapes: ({cosines}) => [[cosines.shape[0]]],
  compute: ({cosines, labels}, [loss], attrs, shapes) => {
    const [rows, classes] = shapes.cosines;
    for (let row = 0; row < rows; row++) {
      const logitOf = logits(row, classes, cosines, labels, shapes.labels.length, attrs);
      const {log, degreeOf} = summary(classes, logitOf);
      let sum = 0;
      for (let column = 0; column < classes; column++) {
        const t = degreeOf(column);
        if (t !== 0) sum += t * (log - logitOf.at(column));
      }
      loss[row] = sum;
    }
  },
};

export const marginGradientOnHost: HostKernel<MarginGradientInputs, MarginAttrs> = {
  outputShapes: ({cosines}) => [cosines.shape],
  compute: ({dy, cosines, labels}, [gradient], attrs, shapes) => {
    const [rows, classes] = shapes.cosines;
    const {slope} = MARGINS[attrs.kind];
    for (let row = 0; row < rows; row++) {
      const logitOf = logits(row, classes, cosines, labels, shapes.labels.length, attrs);
      const {log, total, degreeOf} = summary(classes, logitOf);
      const factor = dy[row] * attrs.scale;
      for (let column = 0, at = row * classes; column < classes; column++, at++) {
        const t = degreeOf(column);
        const share = total === 0 ? 0 : total * fastExp(logitOf.at(column) - log);
        const steepness = t === 0 ? 1 : 1 + t * (slope(cosines[at], attrs.margin) - 1);
        gradient[at] = factor * (share - t) * steepness;
      }
    }
  },
};

/** The logits of a row with its margin in them. */
interface Logits {
  at(column: number): number;
  degreeOf(column: number): number;
}

function logits(
  row: number,
  classes: number,
  cosines: HostArray,
  labels: HostArray,
  labelRank: number,
  {kind, margin, scale}: MarginAttrs,
): Logits {
  const begin = row * classes;
  const {target} = MARGINS[kind];
  const degreeOf =
    labelRank === 1 ? (column: number) => (column === labels[row] ? 1 : 0) : (column: number) => labels[begin + column];
  return {
    degreeOf,
    at: column => {
      const cosine = cosines[begin + column];
      const t = degreeOf(column);
      return scale * (t === 0 ? cosine : cosine + t * (target(cosine, margin) - cosine));
    },
  };
}

/** log Σ exp of a row, and Σ t. */
function summary(classes: number, {at, degreeOf}: Logits) {
  let top = Number.NEGATIVE_INFINITY;
  let total = 0;
  for (let column = 0; column < classes; column++) {
    top = Math.max(top, at(column));
    total += degreeOf(column);
  }
  let sum = 0;
  for (let column = 0; column < classes; column++) sum += fastExp(at(column) - top);
  return {log: top + Math.log(sum), total, degreeOf};
}

interface Margin {
  target(cosine: number, margin: number): number;
  slope(cosine: number, margin: number): number;
}

const clip = (cosine: number): number => Math.min(Math.max(cosine, -LARGEST_COSINE), LARGEST_COSINE);
const sine = (cosine: number): number => Math.sqrt((1 - cosine) * (1 + cosine));
const fourfold = (square: number): number => 8 * square * (square - 1) + 1;

const MARGINS: Record<MarginKind, Margin> = {
  additive: {target: (cosine, margin) => cosine - margin, slope: () => 1},
  angular: {
    target: (cosine, margin) => {
      const x = clip(cosine);
      const turns = x > -Math.cos(margin);
      return turns ? x * Math.cos(margin) - sine(x) * Math.sin(margin) : x - margin * Math.sin(margin);
    },
    slope: (cosine, margin) => {
      const x = clip(cosine);
      return x > -Math.cos(margin) ? Math.cos(margin) + (x / sine(x)) * Math.sin(margin) : 1;
    },
  },
  fourfold: {
    target: cosine => Math.min(cosine, fourfold(cosine * cosine)),
    slope: cosine => {
      const square = cosine * cosine;
      return fourfold(square) < cosine ? 16 * cosine * (2 * square - 1) : 1;
    },
  },
};
