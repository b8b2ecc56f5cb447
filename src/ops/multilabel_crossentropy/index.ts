import * as tf from '@tensorflow/tfjs-core';

import {hostKernel} from '../../internal/host_kernels.js';
import {fusedKernel, runKernelOr} from '../../internal/kernels.js';
import {multilabelGradientOnHost, multilabelOnHost} from './host.js';
import {
  MULTILABEL_CROSSENTROPY,
  MULTILABEL_CROSSENTROPY_GRADIENT,
  type MultilabelAttrs,
  type MultilabelGradientInputs,
} from './name.js';
import {multilabelGradientOnTensorflow, multilabelOnTensorflow} from './node.js';
import {logSumsReference, multilabelGradientReference, multilabelSecondGradient} from './reference.js';
import {multilabelGradientOnWebgl, multilabelOnWebgl} from './webgl.js';
import {multilabelGradientOnWebgpu, multilabelOnWebgpu} from './webgpu.js';

hostKernel(MULTILABEL_CROSSENTROPY, multilabelOnHost);
hostKernel(MULTILABEL_CROSSENTROPY_GRADIENT, multilabelGradientOnHost);
for (const kernel of [multilabelOnTensorflow, multilabelOnWebgl, multilabelOnWebgpu]) {
  fusedKernel(MULTILABEL_CROSSENTROPY, kernel);
}
for (const kernel of [multilabelGradientOnTensorflow, multilabelGradientOnWebgl, multilabelGradientOnWebgpu]) {
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
 * @param logits `[R, C]`; below −1e11, such as −Infinity, an absent class.
 * @returns `[R]`.
 */
export function multilabelCrossentropy(labels: tf.Tensor, logits: tf.Tensor2D, attrs: MultilabelAttrs): tf.Tensor1D {
  const op = tf.customGrad((...args) => {
    const [s, save] = args as unknown as [tf.Tensor2D, tf.GradSaveFunc];
    const [logs, ...held] = multilabelLogSums(labels, s, attrs);
    save([s, labels, logs, ...held]);
    return {
      value: logs,
      gradFunc: (dLogs, saved) => {
        const [s, labels, logs, cells] = saved as [tf.Tensor2D, tf.Tensor, tf.Tensor, tf.Tensor?];
        const dy = tf.squeeze(tf.slice(dLogs as tf.Tensor2D, [0, 0], [-1, 1]), [1]) as tf.Tensor1D; // both are the same
        return multilabelGradient(dy, {labels, logits: s, logs, cells}, attrs);
      },
    };
  });
  return tf.tidy(() => tf.sum(op(logits), 1));
}

/** The two logarithms of each row, `[R, 2]`, and what else a kernel holds for the gradient. */
export function multilabelLogSums(labels: tf.Tensor, logits: tf.Tensor2D, attrs: MultilabelAttrs): tf.Tensor[] {
  if (logits.size === 0) return [tf.zeros([logits.shape[0], 2])];
  const found: tf.Tensor | tf.Tensor[] = runKernelOr<tf.Tensor | tf.Tensor[]>(
    MULTILABEL_CROSSENTROPY,
    {logits, labels},
    attrs,
    () => logSumsReference(labels, logits, attrs),
  );
  return Array.isArray(found) ? found : [found];
}

/** From the logarithms, so that logits and labels are read once. Its own gradient does without them. */
export function multilabelGradient(
  dy: tf.Tensor1D,
  {labels, logits, ...found}: Omit<MultilabelGradientInputs, 'dy'> & {logits: tf.Tensor; labels: tf.Tensor},
  attrs: MultilabelAttrs,
): tf.Tensor2D {
  if (logits.size === 0) return tf.zerosLike(logits) as tf.Tensor2D;
  const op = tf.customGrad((...args) => {
    const [dy, s, save] = args as unknown as [tf.Tensor1D, tf.Tensor2D, tf.GradSaveFunc];
    save([dy, s, labels]);
    return {
      value: runKernelOr(MULTILABEL_CROSSENTROPY_GRADIENT, {dy, logits: s, labels, ...found}, attrs, () =>
        multilabelGradientReference(dy, labels, s, attrs),
      ),
      gradFunc: (v, [dy, s, labels]) =>
        multilabelSecondGradient(v as tf.Tensor2D, dy as tf.Tensor1D, labels, s as tf.Tensor2D, attrs),
    };
  });
  return op(dy, logits) as tf.Tensor2D;
}
