import * as tf from '@tensorflow/tfjs-core';

import {fusedKernel, runKernelOr, takesKernel} from '../../internal/kernels.js';
import {mayHold, recomputed} from '../../internal/recomputed.js';
import {type Rotation, turn} from '../rotary_embedding/rotation.js';
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

/**
 * The loss `[B, H]` of the spans `[B, H, K, 2]` by kernels that make no scores, of queries and keys still to be
 * rotated.
 */
export function spanCrossentropy(
  spans: tf.Tensor4D,
  q: tf.Tensor4D,
  k: tf.Tensor4D,
  mask: tf.Tensor | undefined,
  settings: SpanAttrs,
  rotation?: Rotation,
): tf.Tensor2D {
  type Given = (tf.Tensor | undefined)[];
  const attrs = {...settings, layout: rotation?.layout};
  const composed = ([q, k]: Given, [spans, mask, turns]: Given): tf.Tensor2D => {
    const [queries, keys] = turns === undefined ? [q, k] : [q!, k!].map(x => turn(x, {...rotation!, turns}));
    return spanCrossentropyReference(queries as tf.Tensor4D, keys as tf.Tensor4D, spans as tf.Tensor4D, mask, attrs);
  };
  /** The loss and, from a kernel, the logarithms. */
  const launch = ([q, k]: Given, [spans, mask, turns]: Given): tf.Tensor[] =>
    runKernelOr<tf.Tensor[]>(SPAN_CROSSENTROPY, {q, k, spans, mask, turns}, attrs, () => [
      composed([q, k], [spans, mask, turns]),
    ]);
  return recomputed(composed, [q, k], [spans, mask, rotation?.turns], {
    forward: (inputs, constants) => {
      const [loss, logs] = launch(inputs, constants);
      return (logs !== undefined && mayHold() ? [loss, logs] : [loss]) as [tf.Tensor2D, ...tf.Tensor[]];
    },
    backward: ([q, k], constants, dy, [held]) => {
      const run = () => tf.grads((q, k) => composed([q, k], constants))([q, k] as tf.Tensor[], dy);
      const logs = held ?? launch([q, k], constants)[1];
      if (logs === undefined) return run();
      const [spans, mask, turns] = constants;
      return runKernelOr<tf.Tensor[]>(SPAN_CROSSENTROPY_GRADIENT, {q, k, spans, mask, turns, dy, logs}, attrs, run);
    },
  });
}

/** Whether the kernel of this backend takes such queries and keys, so that their scores are not made. */
export const makesNoScores = (q: tf.Tensor4D, k: tf.Tensor4D): boolean => takesKernel(SPAN_CROSSENTROPY, {q, k}, {});
