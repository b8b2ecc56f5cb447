import type * as tf from '@tensorflow/tfjs-core';

import {hostKernel} from '../../internal/host_kernels.js';
import {fusedKernel, runKernelOr} from '../../internal/kernels.js';
import {recomputed} from '../../internal/recomputed.js';
import {marginGradientOnHost, marginSoftmaxOnHost} from './host.js';
import {MARGIN_SOFTMAX, MARGIN_SOFTMAX_GRADIENT, type MarginAttrs} from './name.js';
import {marginGradientOnTensorflow, marginSoftmaxOnTensorflow} from './node.js';
import {marginGradientReference, marginSoftmaxReference} from './reference.js';
import {marginGradientOnWebgl, marginSoftmaxOnWebgl} from './webgl.js';
import {marginGradientOnWebgpu, marginSoftmaxOnWebgpu} from './webgpu.js';

hostKernel(MARGIN_SOFTMAX, marginSoftmaxOnHost);
hostKernel(MARGIN_SOFTMAX_GRADIENT, marginGradientOnHost);
for (const kernel of [marginSoftmaxOnTensorflow, marginSoftmaxOnWebgl, marginSoftmaxOnWebgpu]) {
  fusedKernel(MARGIN_SOFTMAX, kernel);
}
for (const kernel of [marginGradientOnTensorflow, marginGradientOnWebgl, marginGradientOnWebgpu]) {
  fusedKernel(MARGIN_SOFTMAX_GRADIENT, kernel);
}

/**
 * Softmax cross-entropy of scaled cosines in which a margin makes the true class harder,
 *
 *   z = scale · (cos + t (ψ(cos) − cos)),  loss = Σ t (log Σ exp z − z).
 *
 * The margin is inside one log-sum-exp, so that the loss is never negative. Labels get no gradient.
 *
 * @param labels `[R, C]` degrees, one-hot or a mixture, or `[R]` int32 class numbers.
 * @param cosines `[R, C]`.
 * @returns `[R]`.
 */
export function marginSoftmax(labels: tf.Tensor, cosines: tf.Tensor2D, attrs: MarginAttrs): tf.Tensor1D {
  return recomputed(
    ([x], [t]) => marginSoftmaxReference(t as tf.Tensor, x as tf.Tensor2D, attrs),
    [cosines],
    [labels],
    {
      forward: ([x], [t]) => {
        const [cosines, labels] = [x as tf.Tensor2D, t as tf.Tensor];
        const reference = () => marginSoftmaxReference(labels, cosines, attrs);
        return [runKernelOr(MARGIN_SOFTMAX, {cosines, labels}, attrs, reference)];
      },
      backward: ([x], [t], dy) => {
        const [cosines, labels] = [x as tf.Tensor2D, t as tf.Tensor];
        const reference = () => marginGradientReference(dy as tf.Tensor1D, labels, cosines, attrs);
        return [runKernelOr(MARGIN_SOFTMAX_GRADIENT, {dy, cosines, labels}, attrs, reference)];
      },
      gradient: ([x], [t], dy) => [marginGradientReference(dy as tf.Tensor1D, t as tf.Tensor, x as tf.Tensor2D, attrs)],
    },
  );
}
