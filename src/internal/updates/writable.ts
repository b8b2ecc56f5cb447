import type * as tf from '@tensorflow/tfjs-core';

import {hostMemory} from '../host_memory.js';
import {isUnread, readQuietly, watch} from '../watched_reads.js';

/**
 * The array of a tensor on `cpu` or `wasm`, to be written to: first replaced by a copy where it may be in other use.
 */
export function writable(tensor: tf.TensorInfo, backend: object): Float32Array {
  const view = () => hostMemory(backend).view(tensor) as Float32Array;
  if ('wasm' in backend) return view();
  if (isUnread(tensor)) return readQuietly(tensor, view);
  const copy = view().slice();
  (backend as {data: Map<tf.DataId, {values: Float32Array}>}).data.get(tensor.dataId)!.values = copy;
  watch(tensor);
  return copy;
}
