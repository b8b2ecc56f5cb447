import * as tf from '@tensorflow/tfjs-core';

import {hostKernel} from '../../internal/host_kernels.js';
import {fusedKernel, runKernelOr} from '../../internal/kernels.js';
import {multilabelGradientOnHost, multilabelOnHost} from './host.js';
import {MULTILABEL_CROSSENTROPY, MULTILABEL_CROSSENTROPY_GRADIENT, type MultilabelAttrs} from './name.js';
import {multilabelGradientOnTensorflow, multilabelOnTensorflow} from './node.js';
import {multilabelCrossentropyReference, multilabelGradientReference, multilabelSecondGradient} from './reference.js';
import {multilabelGradientOnWebgpu, multilabelOnWebgpu} from './webgpu.js';

hostKernel(MULTILABEL_CROSSENTROPY, multilabelOnHost);
hostKernel(MULTILABEL_CROSSENTROPY_GRADIENT, multilabelGradientOnHost);
for (const kernel of [multilabelOnTensorflow, multilabelOnWebgpu]) fusedKernel(MULTILABEL_CROSSENTROPY, kernel);
for (const kernel of [multilabelGradientOnTensorflow, multilabelGradientOnWebgpu]) {
  fusedKernel(MULTILABEL_CROSSENTROPY_GRADIENT, kernel);
}

/**
 * Softmax cross-entropy for any number of positive classes, of each row of logits s with labels t,
 *
 *   log(1 + Σ (1 − tᵢ) exp(sᵢ)) + log(1 + Σ tᵢ exp(−sᵢ)).
 *
 * The shared work of the losses of that family; see `losses.multilabelCategoricalCrossentropy`. Labels get no
 * gradient. First and second derivatives for the logits; the second is composed.
 *
 * @param labels As `attrs.form` says. Degrees are clipped to [0, 1]; indices and spans outside are padding.
 * @param logits `[R, C]`; −Infinity is an absent class.
 * @returns `[R]`.
 */
export function multilabelCrossentropy(labels: tf.Tensor, logits: tf.Tensor2D, attrs: MultilabelAttrs): tf.Tensor1D {
  const op = tf.customGrad((...args) => {
    const [s, save] = args as unknown as [tf.Tensor2D, tf.GradSaveFunc];
    save([s, labels]);
    return {
      value: logits.size === 0 ? tf.zeros([s.shape[0]]) : forward(labels, s, attrs),
      gradFunc: (dy, [saved, savedLabels]) => gradient(dy as tf.Tensor1D, savedLabels, saved as tf.Tensor2D, attrs),
    };
  });
  return op(logits) as tf.Tensor1D;
}

const forward = (labels: tf.Tensor, logits: tf.Tensor2D, attrs: MultilabelAttrs): tf.Tensor1D =>
  runKernelOr(MULTILABEL_CROSSENTROPY, {logits, labels}, attrs, () =>
    multilabelCrossentropyReference(labels, logits, attrs),
  );

function gradient(dy: tf.Tensor1D, labels: tf.Tensor, logits: tf.Tensor2D, attrs: MultilabelAttrs): tf.Tensor2D {
  if (logits.size === 0) return tf.zerosLike(logits);
  const op = tf.customGrad((...args) => {
    const [dy, s, save] = args as unknown as [tf.Tensor1D, tf.Tensor2D, tf.GradSaveFunc];
    save([dy, s, labels]);
    return {
      value: runKernelOr(MULTILABEL_CROSSENTROPY_GRADIENT, {dy, logits: s, labels}, attrs, () =>
        multilabelGradientReference(dy, labels, s, attrs),
      ),
      gradFunc: (v, [dy, s, labels]) =>
        multilabelSecondGradient(v as tf.Tensor2D, dy as tf.Tensor1D, labels, s as tf.Tensor2D, attrs),
    };
  });
  return op(dy, logits) as tf.Tensor2D;
}
