/**
 * Kernels written as loops over typed arrays, for the two backends whose tensors lie in memory that JavaScript can
 * reach: `cpu`, where a tensor is a typed array, and `wasm`, where it is a view of the heap.
 */
import type * as tf from '@tensorflow/tfjs-core';

import {type HostArray, hostMemory} from './host_memory.js';
import {fusedKernel, type Inputs} from './kernels.js';

export type {HostArray} from './host_memory.js';

/** The values of the inputs, flat and in row-major order; `undefined` for an input that was left out. */
export type HostInputs<I extends Inputs> = {[K in keyof I]: HostArray | Extract<I[K], undefined>};

export interface HostKernel<I extends Inputs, A extends object> {
  unsupported?(inputs: I, attrs: A): string | undefined;
  /** Shapes of the float32 outputs. */
  outputShapes(inputs: I, attrs: A): number[][];
  /** Fills `outputs`, whose contents are arbitrary before. The inputs are read only. */
  compute(inputs: HostInputs<I>, outputs: Float32Array[], attrs: A, shapes: {[K in keyof I]: number[]}): void;
}

/** Registers one loop for `cpu` and `wasm`. */
export function hostKernel<I extends Inputs, A extends object>(op: string, kernel: HostKernel<I, A>): void {
  for (const backend of ['cpu', 'wasm'] as const) {
    fusedKernel<I, A>(op, {
      backend,
      unsupported: kernel.unsupported?.bind(kernel),
      run: (inputs, attrs, host) => {
        const memory = hostMemory(host);
        const outputs = kernel.outputShapes(inputs, attrs).map(shape => memory.make(shape, 'float32'));
        const given = mapInputs(inputs, memory.view); // after make: the heap may move when it grows
        const shapes = mapInputs(inputs, tensor => tensor.shape);
        kernel.compute(
          given as HostInputs<I>,
          outputs.map(output => memory.view(output) as Float32Array),
          attrs,
          shapes as {[K in keyof I]: number[]},
        );
        return outputs.length === 1 ? outputs[0] : outputs;
      },
    });
  }
}

const mapInputs = <T>(inputs: Inputs, map: (tensor: tf.Tensor) => T): Record<string, T> =>
  Object.fromEntries(Object.entries(inputs).flatMap(([name, t]) => (t === undefined ? [] : [[name, map(t)]])));
