/**
 * Kernels written as loops over typed arrays, for the two backends whose tensors lie in memory that JavaScript can
 * reach: `cpu`, where a tensor is a typed array, and `wasm`, where it is a view of the heap.
 */
import * as tf from '@tensorflow/tfjs-core';

import {fusedKernel, type Inputs} from './kernels.js';

export type HostArray = Float32Array | Int32Array | Uint8Array;

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
        const make = backend === 'cpu' ? makeOnCpu : makeOnWasm;
        const outputs = kernel.outputShapes(inputs, attrs).map(shape => make(host as never, shape));
        const read = backend === 'cpu' ? readOnCpu : readOnWasm; // after make: the heap may move when it grows
        const given = mapInputs(inputs, tensor => read(host as never, tensor));
        const shapes = mapInputs(inputs, tensor => tensor.shape);
        kernel.compute(
          given as HostInputs<I>,
          outputs.map(output => read(host as never, output) as Float32Array),
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

interface CpuBackend {
  data: {get(id: tf.DataId): {values: HostArray}};
  makeTensorInfo(shape: number[], dtype: 'float32', values: Float32Array): tf.TensorInfo;
}

interface WasmBackend {
  makeOutput(shape: number[], dtype: 'float32'): tf.TensorInfo;
  typedArrayFromHeap(info: tf.TensorInfo): HostArray;
}

const makeOnCpu = (backend: CpuBackend, shape: number[]): tf.TensorInfo =>
  backend.makeTensorInfo(shape, 'float32', new Float32Array(tf.util.sizeFromShape(shape)));

const makeOnWasm = (backend: WasmBackend, shape: number[]): tf.TensorInfo => backend.makeOutput(shape, 'float32');

const readOnCpu = (backend: CpuBackend, {dataId}: tf.TensorInfo): HostArray => backend.data.get(dataId).values;

const readOnWasm = (backend: WasmBackend, info: tf.TensorInfo): HostArray => backend.typedArrayFromHeap(info);
