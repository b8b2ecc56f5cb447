/**
 * A tensor's memory under a new identity. A kernel that writes into an input and returns it as output does this, so
 * that what a backend remembers of the old tensor (weights that XNNPACK packed, a read that is under way) does not
 * outlive the old values. The old identity is left without memory, to be disposed as usual.
 */
import type * as tf from '@tensorflow/tfjs-core';

import {adoptBuffer, canDispatch} from '../webgpu_dispatch.js';

interface CpuBackend {
  data: {get(id: tf.DataId): {values: Float32Array}};
  makeTensorInfo(shape: number[], dtype: string, values: Float32Array): tf.TensorInfo;
}

interface WasmData {
  id: number;
  memoryOffset: number | null;
  refCount: number;
}

interface WasmBackend {
  dataIdMap: {get(id: tf.DataId): WasmData; set(id: tf.DataId, data: WasmData): void};
  dataIdNextNumber: number;
  wasm: {tfjs: {registerTensor(id: number, size: number, offset: number): void}};
}

export function adopt(backend: object, tensor: tf.TensorInfo): tf.TensorInfo {
  if (canDispatch(backend)) return adoptBuffer(backend, tensor);
  if ('wasm' in backend) return adoptHeap(backend as WasmBackend, tensor);
  const {data, makeTensorInfo} = backend as CpuBackend;
  return makeTensorInfo.call(backend, tensor.shape, tensor.dtype, data.get(tensor.dataId).values);
}

function adoptHeap(backend: WasmBackend, {dataId, shape, dtype}: tf.TensorInfo): tf.TensorInfo {
  const data = backend.dataIdMap.get(dataId);
  const adopted = {dataId: {}, shape, dtype};
  const id = backend.dataIdNextNumber++;
  backend.dataIdMap.set(adopted.dataId, {...data, id, refCount: 1});
  const size = shape.reduce((product, axis) => product * axis, 1);
  backend.wasm.tfjs.registerTensor(id, size, data.memoryOffset!);
  data.memoryOffset = null; // free(null) does nothing
  return adopted;
}
