/**
 * Swish in one pass, on all threads there are, on the memory of `wasm`, and on copies in a memory of our own on `cpu`:
 * assembly/swish.ts.
 */
import * as tf from '@tensorflow/tfjs-core';

import {whyNotFloats} from '../../internal/float_inputs.js';
import type {FusedKernel} from '../../internal/kernels.js';
import {swishModule} from '../../internal/simd/modules/swish.js';
import {runSimd, simdInstructions, whyNotSimd} from '../../internal/simd/run.js';
import type {SwishGradientInputs, SwishInputs} from './name.js';

/** The exports of assembly/swish.ts. */
interface SwishFunctions {
  swishScratch(): number;
}

const BYTES = 4;
/** Elements of a vector. */
const LANES = 4;
/** Multiply-adds that take as long as swish of one element, roughly. */
const EXPONENTIAL = 16;

export const swishOnHost: Omit<FusedKernel<SwishInputs, object>, 'backend'> = {
  unsupported: whyNot,
  form: simdInstructions,
  run: ({x}, _, backend) => onHost('swish', [x], backend),
};

export const swishGradientOnHost: Omit<FusedKernel<SwishGradientInputs, object>, 'backend'> = {
  unsupported: whyNot,
  form: simdInstructions,
  run: ({dy, x, y}, _, backend) => onHost('swishGradient', [dy, x, y], backend),
};

function onHost(name: 'swish' | 'swishGradient', inputs: tf.Tensor[], backend: object): tf.TensorInfo {
  const [{shape, size}] = inputs;
  return runSimd<SwishFunctions>(swishModule, backend, ({swishScratch}, space, runner) => {
    const arrays = [...inputs.map(x => space.read(x)), space.make(shape)];
    const work = size * EXPONENTIAL;
    const part = Math.ceil(size / runner.parts(work) / LANES) * LANES;
    const calls = Array.from({length: Math.ceil(size / part)}, (_, i) => [
      ...arrays.map(address => address + i * part * BYTES),
      Math.min(part, size - i * part),
    ]);
    runner.run(name, calls, swishScratch(), work);
  })[0];
}

function whyNot(inputs: SwishInputs | SwishGradientInputs): string | undefined {
  return whyNotFloats(inputs) ?? whyNotSimd(swishModule, tf.backend());
}
