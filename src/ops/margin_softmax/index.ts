import * as tf from '@tensorflow/tfjs-core';

import {hostKernel} from '../../internal/host_kernels.js';
import {fusedKernel, runKernelOr} from '../../internal/kernels.js';
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
 * The margin is inside one log-sum-exp, so that the loss is never negative. Labels get no gradient, and there is no second
 * derivative.
 *
 * @param labels `[R, C]` degrees, one-hot or a mixture, or `[R]` int32 class numbers.
 * @param cosines `[R, C]`.
 * @returns `[R]`.
 */
export function marginSoftmax(labels: tf.Tensor, cosines: tf.Tensor2D, attrs: MarginAttrs): tf.Tensor1D {
  const op = tf.customGrad((...args) => {
    const [x, save] = args as unknown as [tf.Tensor2D, tf.GradSaveFunc];
    save([x, labels]);
    return {
      value: runKernelOr(MARGIN_SOFTMAX, {cosines: x, labels}, attrs, () => marginSoftmaxReference(labels, x, attrs)),
      gradFunc: (dy, [x, labels]) => {
        const reference = () => marginGradientReference(dy as tf.Tensor1D, labels, x as tf.Tensor2D, attrs);
        return runKernelOr(MARGIN_SOFTMAX_GRADIENT, {dy: dy as tf.Tensor, cosines: x, labels}, attrs, reference);
      },
    };
  });
  return op(cosines) as tf.Tensor1D;
}
