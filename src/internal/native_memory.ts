/** What tfjs-node keeps of a tensor: the handle of TensorFlow's, or values that are to be uploaded yet. */
import * as tf from '@tensorflow/tfjs-core';

interface NativeData {
  shape: number[];
  /** TensorFlow's number of the type. */
  dtype: number;
  /** TensorFlow's tensor; negative where there is none. */
  id: number;
  values: unknown;
  refCount: number;
}

interface NativeBackend {
  tensorMap: {get(id: tf.DataId): NativeData; set(id: tf.DataId, data: NativeData): void};
}

/** Moves TensorFlow's tensor to a new one of ours; the old one is left without memory, to be disposed as usual. */
export function takeNative(tensor: tf.TensorInfo): tf.Tensor {
  const {tensorMap} = tf.backend() as unknown as NativeBackend;
  const data = tensorMap.get(tensor.dataId);
  const {shape, dtype, id, values} = data;
  const dataId = {};
  tensorMap.set(dataId, {shape, dtype, id, values, refCount: 1});
  data.id = -1;
  data.values = null;
  return tf.engine().makeTensorFromTensorInfo({dataId, shape: tensor.shape, dtype: tensor.dtype});
}
