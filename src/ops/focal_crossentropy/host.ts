/** One loop each way over typed arrays: reads 8 bytes an element, and the gradient writes 4. */
import {fastExp} from '../../internal/fast_exp.js';
import type {HostKernel} from '../../internal/host_kernels.js';
import type {FocalAttrs, FocalGradientInputs, FocalInputs} from './name.js';

export const focalOnHost: HostKernel<FocalInputs, FocalAttrs> = {
  outputShapes: ({logits}) => [[logits.shape[0]]],
  compute: ({logits, labels}, [loss], {alpha, gamma}, shapes) => {
    const [rows, classes] = shapes.logits;
    for (let row = 0, at = 0; row < rows; row++) {
      let sum = 0;
      for (const end = at + classes; at < end; at++) {
        const t = Math.min(Math.max(labels[at], 0), 1);
        const [a, b] = [softplus(-logits[at]), softplus(logits[at])];
        if (t > 0) sum += t * alpha * fastExp(-gamma * b) * a;
        if (t < 1) sum += (1 - t) * (1 - alpha) * fastExp(-gamma * a) * b;
      }
      loss[row] = sum / classes;
    }
  },
};

export const focalGradientOnHost: HostKernel<FocalGradientInputs, FocalAttrs> = {
  outputShapes: ({logits}) => [logits.shape],
  compute: ({dy, logits, labels}, [gradient], {alpha, gamma}, shapes) => {
    const [rows, classes] = shapes.logits;
    for (let row = 0, at = 0; row < rows; row++) {
      for (const end = at + classes; at < end; at++) {
        const t = Math.min(Math.max(labels[at], 0), 1);
        const [a, b] = [softplus(-logits[at]), softplus(logits[at])];
        const [p, q] = [fastExp(-a), fastExp(-b)];
        const pull = t * alpha * fastExp(-gamma * b) * (gamma * p * a + q);
        const push = (1 - t) * (1 - alpha) * fastExp(-gamma * a) * (gamma * q * b + p);
        gradient[at] = (dy[row] / classes) * (push - pull);
      }
    }
  },
};

/** log(1 + exp(x)) */
const softplus = (x: number): number => Math.max(x, 0) + Math.log1p(fastExp(-Math.abs(x)));
