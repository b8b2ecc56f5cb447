/** Swish in one pass on the memory of `wasm`, and on copies in a memory of our own on `cpu`: assembly/swish.ts. */
import * as tf from '@tensorflow/tfjs-core';

import type {FusedKernel} from '../../internal/kernels.js';
import {swishModule} from '../../internal/simd/modules/swish.js';
import {runSimd, whyNotSimd} from '../../internal/simd/run.js';
import type {SwishGradientInputs, SwishInputs} from './name.js';

/** The exports of assembly/swish.ts. */
interface SwishFunctions {
  swishScratch(): number;
  swish(...addressesAndCount: number[]): void;
  swishGradient(...addressesAndCount: number[]): void;
}

export const swishOnHost: Omit<FusedKernel<SwishInputs, object>, 'backend'> = {
  unsupported: whyNot,
  run: ({x}, _, backend) => onHost('swish', [x], backend),
};

export const swishGradientOnHost: Omit<FusedKernel<SwishGradientInputs, object>, 'backend'> = {
  unsupported: whyNot,
  run: ({dy, x, y}, _, backend) => onHost('swishGradient', [dy, x, y], backend),
};

function onHost(name: 'swish' | 'swishGradient', inputs: tf.Tensor[], backend: object): tf.TensorInfo {
  const [{shape, size}] = inputs;
  return runSimd<SwishFunctions>(swishModule, backend, (functions, space) => {
    const given = inputs.map(x => space.read(x));
    functions[name](...given, space.make(shape), size, space.scratch(functions.swishScratch()));
  })[0];
}

function whyNot(inputs: SwishInputs | SwishGradientInputs): string | undefined {
  const given = Object.values(inputs).filter(x => x !== undefined);
  if (given.some(({size}) => size === 0)) return 'an empty tensor';
  if (given.some(({dtype}) => dtype !== 'float32')) return 'inputs other than float32';
  return whyNotSimd(swishModule, tf.backend());
}
