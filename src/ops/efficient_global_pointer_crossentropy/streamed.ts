import * as tf from '@tensorflow/tfjs-core';

import {fusedKernel, runKernelOr, takesKernel} from '../../internal/kernels.js';
import {mayHold, recomputed} from '../../internal/recomputed.js';
import {factorisedCrossentropyOnHost, factorisedGradientOnHost} from './host.js';
import {
  FACTORISED_CROSSENTROPY,
  FACTORISED_CROSSENTROPY_GRADIENT,
  type FactorisedAttrs,
  type FactorisedInputs,
  heldNames,
} from './name.js';
import {factorisedCrossentropyOnTensorflow, factorisedGradientOnTensorflow} from './node.js';
import {factorisedCrossentropyReference} from './reference.js';
import {factorisedCrossentropyOnWebgpu, factorisedGradientOnWebgpu} from './webgpu.js';

fusedKernel(FACTORISED_CROSSENTROPY, factorisedCrossentropyOnWebgpu);
fusedKernel(FACTORISED_CROSSENTROPY_GRADIENT, factorisedGradientOnWebgpu);
fusedKernel(FACTORISED_CROSSENTROPY, factorisedCrossentropyOnTensorflow);
fusedKernel(FACTORISED_CROSSENTROPY_GRADIENT, factorisedGradientOnTensorflow);
for (const backend of ['cpu', 'wasm']) {
  fusedKernel(FACTORISED_CROSSENTROPY, {...factorisedCrossentropyOnHost, backend});
  fusedKernel(FACTORISED_CROSSENTROPY_GRADIENT, {...factorisedGradientOnHost, backend});
}

/** The loss `[B, H]` by kernels, which hold no scores and, but on tensorflow, no products of all queries and keys. */
export function streamedFactorisedCrossentropy(inputs: FactorisedInputs, attrs: FactorisedAttrs): tf.Tensor2D {
  type Given = (tf.Tensor | undefined)[];
  const named = ([q, k, bias]: Given, [labels, mask]: Given) => ({q, k, bias, labels, mask}) as FactorisedInputs;
  const composed = (inputs: Given, constants: Given) =>
    factorisedCrossentropyReference(named(inputs, constants), attrs);
  /** The loss and, from a kernel, what its gradient takes. */
  const launch = (inputs: Given, constants: Given): tf.Tensor[] =>
    runKernelOr<tf.Tensor[]>(FACTORISED_CROSSENTROPY, named(inputs, constants), attrs, () => [
      composed(inputs, constants),
    ]);
  return recomputed(composed, [inputs.q, inputs.k, inputs.bias], [inputs.labels, inputs.mask], {
    forward: (inputs, constants) => {
      const [loss, ...held] = launch(inputs, constants);
      return (mayHold() ? [loss, ...held] : [loss]) as [tf.Tensor2D, ...tf.Tensor[]];
    },
    backward: (inputs, constants, dy, kept) => {
      const run = () => tf.grads((...inputs) => composed(inputs, constants))(inputs as tf.Tensor[], dy);
      const held = kept.length > 0 ? kept : launch(inputs, constants).slice(1);
      if (held.length === 0) return run();
      const names = heldNames(tf.getBackend());
      const given = {...named(inputs, constants), dy, ...Object.fromEntries(held.map((x, i) => [names[i], x]))};
      return runKernelOr<tf.Tensor[]>(FACTORISED_CROSSENTROPY_GRADIENT, given, attrs, run);
    },
  });
}

/** Whether the kernel of this backend takes such inputs. */
export const isStreamed = (inputs: FactorisedInputs, attrs: Pick<FactorisedAttrs, 'form'>): boolean =>
  takesKernel(FACTORISED_CROSSENTROPY, inputs, attrs);
