/**
 * Bernoulli: one loop each way over typed arrays. Softmax: row by row, the partition sums first, then from cache. Reads
 * 8 bytes an element, and the gradient writes 8.
 */
import {fastExp} from '../../internal/fast_exp.js';
import type {HostArray, HostKernel} from '../../internal/host_kernels.js';
import {ABSENT_BELOW} from '../../internal/numbers.js';
import type {KlGradientInputs, KlInputs} from './name.js';

export const bernoulliKlOnHost: HostKernel<KlInputs, object> = {
  outputShapes: ({a}) => [[a.shape[0]]],
  compute: ({a, b}, [divergence], _attrs, shapes) => {
    const [rows, columns] = shapes.a;
    for (let row = 0, i = 0; row < rows; row++) {
      let sum = 0;
      for (const end = i + columns; i < end; i++) {
        const [s, t] = [a[i], b[i]];
        if (!(s < ABSENT_BELOW || t < ABSENT_BELOW)) sum += (sigmoid(s) - sigmoid(t)) * (s - t);
      }
      divergence[row] = sum;
    }
  },
};

export const bernoulliKlGradientOnHost: HostKernel<KlGradientInputs, object> = {
  outputShapes: ({a}) => [a.shape, a.shape],
  compute: ({dy, a, b}, [forA, forB], _attrs, shapes) => {
    const [rows, columns] = shapes.a;
    for (let row = 0, i = 0; row < rows; row++) {
      for (const end = i + columns; i < end; i++) {
        const [s, t] = [a[i], b[i]];
        const present = !(s < ABSENT_BELOW || t < ABSENT_BELOW);
        const [p, q, gap] = present ? [sigmoid(s), sigmoid(t), s - t] : [0, 0, 0];
        forA[i] = dy[row] * (p * (1 - p) * gap + p - q);
        forB[i] = -dy[row] * (q * (1 - q) * gap + p - q);
      }
    }
  },
};

export const softmaxKlOnHost: HostKernel<KlInputs, object> = {
  outputShapes: ({a}) => [[a.shape[0]]],
  compute: ({a, b}, [divergence], _attrs, shapes) => {
    const [rows, columns] = shapes.a;
    for (let row = 0; row < rows; row++) {
      const {logA, logB} = partitions(a, b, row * columns, columns);
      let sum = 0;
      for (let i = row * columns; i < (row + 1) * columns; i++) {
        const [logP, logQ] = [a[i] - logA, b[i] - logB];
        sum += (fastExp(logP) - fastExp(logQ)) * (logP - logQ);
      }
      divergence[row] = sum;
    }
  },
};

export const softmaxKlGradientOnHost: HostKernel<KlGradientInputs, object> = {
  outputShapes: ({a}) => [a.shape, a.shape],
  compute: ({dy, a, b}, [forA, forB], _attrs, shapes) => {
    const [rows, columns] = shapes.a;
    for (let row = 0; row < rows; row++) {
      const begin = row * columns;
      const {logA, logB} = partitions(a, b, begin, columns);
      let [meanP, meanQ] = [0, 0]; // of the gap
      for (let i = begin; i < begin + columns; i++) {
        const [logP, logQ] = [a[i] - logA, b[i] - logB];
        meanP += fastExp(logP) * (logP - logQ);
        meanQ += fastExp(logQ) * (logP - logQ);
      }
      for (let i = begin; i < begin + columns; i++) {
        const [logP, logQ] = [a[i] - logA, b[i] - logB];
        const [p, q, gap] = [fastExp(logP), fastExp(logQ), logP - logQ];
        forA[i] = dy[row] * (p * (gap - meanP) + p - q);
        forB[i] = -dy[row] * (q * (gap - meanQ) + p - q);
      }
    }
  },
};

/** log Σ exp of both. */
function partitions(a: HostArray, b: HostArray, begin: number, columns: number): {logA: number; logB: number} {
  const [logA, logB] = [a, b].map(x => {
    let top = Number.NEGATIVE_INFINITY;
    for (let i = begin; i < begin + columns; i++) top = Math.max(top, x[i]);
    let sum = 0;
    for (let i = begin; i < begin + columns; i++) sum += fastExp(x[i] - top);
    return top + Math.log(sum);
  });
  return {logA, logB};
}

const sigmoid = (x: number): number => {
  const small = fastExp(-Math.abs(x));
  return (x < 0 ? small : 1) / (1 + small);
};
