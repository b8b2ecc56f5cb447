import * as tf from '@tensorflow/tfjs-core';

import {check, checkShape} from '../../internal/check.js';
import {fusedKernel, runKernelOr} from '../../internal/kernels.js';
import {isTaping} from '../../internal/taping.js';
import {denseGradientOnHost, denseOnHost} from './host.js';
import {DENSE, DENSE_GRADIENT} from './name.js';
import {denseGradientOnTensorflow, denseOnTensorflow} from './node.js';
import {denseGradientReference, denseReference} from './reference.js';

fusedKernel(DENSE, denseOnTensorflow);
fusedKernel(DENSE_GRADIENT, denseGradientOnTensorflow);
for (const backend of ['cpu', 'wasm']) {
  fusedKernel(DENSE, {...denseOnHost, backend});
  fusedKernel(DENSE_GRADIENT, {...denseGradientOnHost, backend});
}

/**
 * `y = x W + b` over the last axis.
 *
 * @param x `[..., C]`, float32, rank ≥ 2.
 * @param kernel `[C, U]`.
 * @param bias `[U]`, optional.
 * @returns `[..., U]`.
 * @throws RangeError when the last axis of `x` is not the first of `kernel`.
 */
export function dense(x: tf.Tensor, kernel: tf.Tensor2D, bias?: tf.Tensor1D): tf.Tensor {
  check(x.rank >= 2, 'dense', 'x of rank 2 or more', x);
  checkShape(x.shape.slice(-1), [kernel.shape[0]], 'dense', 'the last axis of x');
  const inputs = bias === undefined ? [x, kernel] : [x, kernel, bias];
  const op = tf.customGrad((...args) => {
    const [x, kernel, bias] = args.slice(0, inputs.length) as [tf.Tensor, tf.Tensor2D, tf.Tensor1D?];
    (args[inputs.length] as tf.GradSaveFunc)([x, kernel]);
    return {
      value: runKernelOr(DENSE, {x, kernel, bias}, {}, () => denseReference(x, kernel, bias)),
      gradFunc: (dy: tf.Tensor, [x, kernel]: tf.Tensor[]) =>
        gradients(dy, x, kernel as tf.Tensor2D, bias !== undefined),
    };
  });
  return op(...inputs);
}

function gradients(dy: tf.Tensor, x: tf.Tensor, kernel: tf.Tensor2D, withBias: boolean): tf.Tensor[] {
  const reference = () => denseGradientReference(dy, x, kernel, withBias);
  return isTaping() ? tf.tidy(reference) : runKernelOr(DENSE_GRADIENT, {dy, x, kernel}, {withBias}, reference);
}
