/**
 * Who writes into a tensor must know that nobody shares its memory. Slices on `cpu`, reshapes and slices on
 * `tensorflow` do, and so does an array that `data()` gave on `cpu`; tfjs counts clones only. So a tensor whose
 * memory is its own is watched from its making: as long as nothing reads it, that stays so.
 */
import * as tf from '@tensorflow/tfjs-core';

/** What the two backends keep of a tensor. Both look at `values` before they use it, for an op or for `data()`. */
interface TensorData {
  values: unknown;
}

type Store = {get(id: tf.DataId): TensorData};

const reads = new WeakMap<TensorData, {happened: boolean}>();

/** Undefined on the other backends, where only clones and reshapes share memory, which tfjs counts. */
function dataOf({dataId}: tf.TensorInfo): TensorData | undefined {
  const backend = tf.backend() as unknown as {data: Store; tensorMap: Store};
  switch (tf.getBackend()) {
    case 'cpu':
      return backend.data.get(dataId);
    case 'tensorflow':
      return backend.tensorMap.get(dataId);
    default:
      return undefined;
  }
}

/** Watches from now on a tensor whose memory nobody else uses. */
export function watch(tensor: tf.TensorInfo): void {
  const data = dataOf(tensor);
  if (data === undefined) return;
  let {values} = data;
  const read = {happened: false};
  reads.set(data, read);
  Object.defineProperty(data, 'values', {
    configurable: true,
    enumerable: true,
    get() {
      read.happened = true;
      return values;
    },
    set(replaced: unknown) {
      values = replaced;
    },
  });
}

/** Whether the tensor is watched, and nothing has read it. */
export function isUnread(tensor: tf.TensorInfo): boolean {
  const data = dataOf(tensor);
  return data !== undefined && reads.get(data)?.happened === false;
}

/** Reads a tensor with what leaves nothing behind that shares its memory; the watch does not count it. */
export function readQuietly<T>(tensor: tf.TensorInfo, run: () => T): T {
  const data = dataOf(tensor);
  const read = data && reads.get(data);
  const before = read?.happened;
  try {
    return run();
  } finally {
    if (read !== undefined) read.happened = before!;
  }
}
