import type * as tf from '@tensorflow/tfjs-core';

/**
 * The kernel `Identity` of `wasm`, which is `tf.clone`: another tensor with the same memory, as on the other backends,
 * instead of a copy. Every tensor that an op saves for its gradient is a clone.
 */
export const sharedCloneKernel: tf.KernelFunc = ({inputs, backend}) => {
  const {dataId, shape, dtype} = (inputs as {x: tf.TensorInfo}).x;
  (backend as tf.KernelBackend).incRef(dataId);
  return {dataId, shape, dtype};
};
