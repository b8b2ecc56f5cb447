import * as tf from '@tensorflow/tfjs-core';

import {fusedKernel, runKernelOr, takesKernel} from '../../internal/kernels.js';
import {recomputed} from '../../internal/recomputed.js';
import {
  FACTORISED_CROSSENTROPY,
  FACTORISED_CROSSENTROPY_GRADIENT,
  type FactorisedAttrs,
  type FactorisedInputs,
} from './name.js';
import {factorisedCrossentropyReference} from './reference.js';
import {factorisedCrossentropyOnWebgpu, factorisedGradientOnWebgpu} from './webgpu.js';

fusedKernel(FACTORISED_CROSSENTROPY, factorisedCrossentropyOnWebgpu);
fusedKernel(FACTORISED_CROSSENTROPY_GRADIENT, factorisedGradientOnWebgpu);

/** The loss `[B, H]` by kernels that hold neither scores nor products of all queries and keys. */
export function streamedFactorisedCrossentropy(inputs: FactorisedInputs, attrs: FactorisedAttrs): tf.Tensor2D {
  type Given = (tf.Tensor | undefined)[];
  const named = ([q, k, bias]: Given, [labels, mask]: Given) => ({q, k, bias, labels, mask}) as FactorisedInputs;
  const composed = (inputs: Given, constants: Given) =>
    factorisedCrossentropyReference(named(inputs, constants), attrs);
  return recomputed(composed, [inputs.q, inputs.k, inputs.bias], [inputs.labels, inputs.mask], {
    forward: (inputs, constants) => {
      const run = () => [composed(inputs, constants)];
      const [loss, logs] = runKernelOr<tf.Tensor[]>(FACTORISED_CROSSENTROPY, named(inputs, constants), attrs, run);
      const mayHold = logs !== undefined && !tf.env().getBool('IS_TEST'); // for its leak check, held is leaked
      return (mayHold ? [loss, logs] : [loss]) as [tf.Tensor2D, ...tf.Tensor[]];
    },
    backward: (inputs, constants, dy, [logs]) => {
      const run = () => tf.grads((...inputs) => composed(inputs, constants))(inputs as tf.Tensor[], dy);
      if (logs === undefined) return run();
      const given = {...named(inputs, constants), dy, logs};
      return runKernelOr<tf.Tensor[]>(FACTORISED_CROSSENTROPY_GRADIENT, given, attrs, run);
    },
  });
}

/** Whether the kernel of this backend takes such inputs. */
export const isStreamed = (inputs: FactorisedInputs): boolean => takesKernel(FACTORISED_CROSSENTROPY, inputs, {});
