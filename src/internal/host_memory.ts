/** The memory of the two backends that JavaScript can reach: typed arrays on `cpu`, views of the heap on `wasm`. */
import * as tf from '@tensorflow/tfjs-core';

export type HostArray = Float32Array | Int32Array | Uint8Array;
export type HostDType = 'float32' | 'int32' | 'bool';

export interface HostMemory {
  /** A tensor whose contents are arbitrary on wasm. The heap may move, so take views after the last `make`. */
  make(shape: number[], dtype: HostDType): tf.TensorInfo;
  /** The values, flat and in row-major order; writing to them writes to the tensor. */
  view(info: tf.TensorInfo): HostArray;
}

interface CpuBackend {
  data: {get(id: tf.DataId): {values: HostArray}};
  makeTensorInfo(shape: number[], dtype: HostDType, values: HostArray): tf.TensorInfo;
}

interface WasmBackend {
  makeOutput(shape: number[], dtype: HostDType): tf.TensorInfo;
  typedArrayFromHeap(info: tf.TensorInfo): HostArray;
}

/** Memory of a live `cpu` or `wasm` backend. */
export const hostMemory = (backend: object): HostMemory =>
  'typedArrayFromHeap' in backend ? wasmMemory(backend as WasmBackend) : cpuMemory(backend as CpuBackend);

const cpuMemory = (backend: CpuBackend): HostMemory => ({
  make: (shape, dtype) =>
    backend.makeTensorInfo(shape, dtype, tf.util.getTypedArrayFromDType(dtype, tf.util.sizeFromShape(shape))),
  view: ({dataId}) => backend.data.get(dataId).values,
});

const wasmMemory = (backend: WasmBackend): HostMemory => ({
  make: (shape, dtype) => backend.makeOutput(shape, dtype),
  view: info => backend.typedArrayFromHeap(info),
});

/** The memory that the tensors of `wasm` lie in, for a module of our own; `undefined` on cpu, or where it is hidden. */
export function heapOf(backend: object): WebAssembly.Memory | undefined {
  if (!('wasm' in backend)) return undefined;
  const {asm, wasmMemory, HEAPU8} = backend.wasm as EmscriptenModule;
  if (wasmMemory !== undefined) return wasmMemory;
  return asm?.memory?.buffer === HEAPU8.buffer ? asm.memory : undefined;
}

interface EmscriptenModule {
  asm?: {memory?: WebAssembly.Memory};
  /** There in the build for several threads. */
  wasmMemory?: WebAssembly.Memory;
  HEAPU8: Uint8Array;
}

/** Where the values of a tensor of `wasm` begin, in bytes; it stays true when the heap grows. */
export const addressOf = (backend: object, {dataId}: tf.TensorInfo): number =>
  (backend as {dataIdMap: {get(id: tf.DataId): {memoryOffset: number}}}).dataIdMap.get(dataId).memoryOffset;
