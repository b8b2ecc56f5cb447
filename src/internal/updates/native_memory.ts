/** What tfjs-node keeps of a tensor: the handle of TensorFlow's, or values that are to be uploaded yet. */
import * as tf from '@tensorflow/tfjs-core';

export interface NativeData {
  shape: number[];
  /** TensorFlow's number of the type. */
  dtype: number;
  /** TensorFlow's tensor; negative where there is none. */
  id: number;
  values: unknown;
  refCount: number;
}

export interface NativeBackend {
  tensorMap: {get(id: tf.DataId): NativeData; set(id: tf.DataId, data: NativeData): void};
}

/** Moves TensorFlow's tensor to a new identity; the old one is left without memory, to be disposed as usual. */
export function moveNative(backend: NativeBackend, {dataId, shape, dtype}: tf.TensorInfo): tf.TensorInfo {
  const data = backend.tensorMap.get(dataId);
  const moved = {dataId: {}, shape, dtype};
  const {id, values} = data;
  backend.tensorMap.set(moved.dataId, {shape: data.shape, dtype: data.dtype, id, values, refCount: 1});
  data.id = -1;
  data.values = null;
  return moved;
}

/** `moveNative` to a tensor of the current tidy. */
export const takeNative = (backend: NativeBackend, tensor: tf.TensorInfo): tf.Tensor =>
  tf.engine().makeTensorFromTensorInfo(moveNative(backend, tensor));
