/** One loop each way over typed arrays: reads 8 bytes an element, and the gradient writes 8. */
import {fastExp} from '../../internal/fast_exp.js';
import type {HostKernel} from '../../internal/host_kernels.js';
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

const sigmoid = (x: number): number => {
  const small = fastExp(-Math.abs(x));
  return (x < 0 ? small : 1) / (1 + small);
};
