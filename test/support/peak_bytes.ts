import * as tf from '@tensorflow/tfjs-core';

/** Ops of TensorFlow whose output is the memory of their first input. */
const SHARING = ['Reshape', 'InplaceUpdate'];

type Method = (...args: never[]) => unknown;

/** Bytes of the tensors that exist at a time while `run` does, beyond those that were there, kernels' own included. */
export function peakBytes(run: () => void): number {
  const engine = tf.engine() as unknown as Record<'trackTensor' | 'removeDataId', Method>;
  const backend = tf.backend() as unknown as Record<'executeSingleOutput', Method>;
  const {trackTensor, removeDataId} = engine;
  const {executeSingleOutput} = backend;
  const sizes = new Map<object, number>();
  let [bytes, peak, isShared] = [0, 0, false];
  engine.trackTensor = (tensor: tf.Tensor, ...rest: never[]) => {
    if (!isShared && !tf.engine().state.tensorInfo.has(tensor.dataId)) {
      sizes.set(tensor.dataId, tensor.size * tf.util.bytesPerElement(tensor.dtype));
      bytes += sizes.get(tensor.dataId) as number;
      peak = Math.max(peak, bytes);
    }
    return trackTensor.apply(engine, [tensor, ...rest] as never[]);
  };
  engine.removeDataId = (dataId: object, ...rest: never[]) => {
    bytes -= sizes.get(dataId) ?? 0;
    sizes.delete(dataId);
    return removeDataId.apply(engine, [dataId, ...rest] as never[]);
  };
  if (executeSingleOutput !== undefined) {
    backend.executeSingleOutput = (name: string, ...rest: never[]) => {
      isShared = SHARING.includes(name);
      try {
        return executeSingleOutput.apply(backend, [name, ...rest] as never[]);
      } finally {
        isShared = false;
      }
    };
  }
  try {
    tf.tidy(run);
  } finally {
    for (const name of ['trackTensor', 'removeDataId']) Reflect.deleteProperty(engine, name);
    Reflect.deleteProperty(backend, 'executeSingleOutput');
  }
  return peak;
}
