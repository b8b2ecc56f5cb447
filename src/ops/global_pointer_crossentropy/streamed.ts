import * as tf from '@tensorflow/tfjs-core';

import {fusedKernel, runKernelOr, takesKernel} from '../../internal/kernels.js';
import {mayHold, recomputed} from '../../internal/recomputed.js';
import {spanCrossentropyOnHost, spanGradientOnHost} from './host.js';
import {SPAN_CROSSENTROPY, SPAN_CROSSENTROPY_GRADIENT, type SpanAttrs} from './name.js';
import {spanCrossentropyReference} from './reference.js';
import {spanCrossentropyOnWebgpu, spanGradientOnWebgpu} from './webgpu.js';

fusedKernel(SPAN_CROSSENTROPY, spanCrossentropyOnWebgpu);
fusedKernel(SPAN_CROSSENTROPY_GRADIENT, spanGradientOnWebgpu);
for (const backend of ['cpu', 'wasm']) {
  fusedKernel(SPAN_CROSSENTROPY, {...spanCrossentropyOnHost, backend});
  fusedKernel(SPAN_CROSSENTROPY_GRADIENT, {...spanGradientOnHost, backend});
}

/** The loss `[B, H]` of the spans `[B, H, K, 2]` by kernels that make no scores. */
export function spanCrossentropy(
  spans: tf.Tensor4D,
  q: tf.Tensor4D,
  k: tf.Tensor4D,
  mask: tf.Tensor | undefined,
  attrs: SpanAttrs,
): tf.Tensor2D {
  type Given = (tf.Tensor | undefined)[];
  const composed = ([q, k]: Given, [spans, mask]: Given): tf.Tensor2D =>
    spanCrossentropyReference(q as tf.Tensor4D, k as tf.Tensor4D, spans as tf.Tensor4D, mask, attrs);
  /** The loss and, from a kernel, the logarithms. */
  const launch = ([q, k]: Given, [spans, mask]: Given): tf.Tensor[] =>
    runKernelOr<tf.Tensor[]>(SPAN_CROSSENTROPY, {q, k, spans, mask}, attrs, () => [composed([q, k], [spans, mask])]);
  return recomputed(composed, [q, k], [spans, mask], {
    forward: (inputs, constants) => {
      const [loss, logs] = launch(inputs, constants);
      return (logs !== undefined && mayHold() ? [loss, logs] : [loss]) as [tf.Tensor2D, ...tf.Tensor[]];
    },
    backward: ([q, k], constants, dy, [held]) => {
      const run = () => tf.grads((q, k) => composed([q, k], constants))([q, k] as tf.Tensor[], dy);
      const logs = held ?? launch([q, k], constants)[1];
      if (logs === undefined) return run();
      const [spans, mask] = constants;
      return runKernelOr<tf.Tensor[]>(SPAN_CROSSENTROPY_GRADIENT, {q, k, spans, mask, dy, logs}, attrs, run);
    },
  });
}

/** Whether the kernel of this backend takes such queries and keys, so that their scores are not made. */
export const makesNoScores = (q: tf.Tensor4D, k: tf.Tensor4D): boolean => takesKernel(SPAN_CROSSENTROPY, {q, k}, {});
