import * as tf from '@tensorflow/tfjs-core';

import {type HostArray, type HostDType, hostMemory} from '../host_memory.js';

/** Runs below are copied element by element: a view costs more than they do. */
const SHORT_RUN = 32;

interface Box {
  begin: number[];
  size: number[];
}

/**
 * The kernel `Slice` of `wasm`, which copies all of x out of the heap first: parts of a long tensor cost its square.
 */
export const sliceKernel: tf.KernelFunc = ({inputs, attrs, backend}) => {
  const {x} = inputs as {x: tf.TensorInfo};
  const {begin, size} = attrs as unknown as Box;
  const [first, extent] = tf.slice_util.parseSliceParams(x as tf.Tensor, begin, size);
  return part(x, {begin: first, size: extent}, backend as object);
};

/** The kernel `SplitV` of `wasm`, which slices. */
export const splitKernel: tf.KernelFunc = ({inputs, attrs, backend}) => {
  const {x} = inputs as {x: tf.TensorInfo};
  const {numOrSizeSplits, axis} = attrs as unknown as {numOrSizeSplits: number | number[]; axis: number};
  const [along] = tf.util.parseAxisParam(axis, x.shape);
  const sizes = tf.backend_util.prepareSplitSize(x as tf.Tensor, numOrSizeSplits, along);
  const at = (values: number[], value: number) => values.map((other, i) => (i === along ? value : other));
  const zeros = x.shape.map(() => 0);
  let begin = 0;
  return sizes.map(size => {
    begin += size;
    return part(x, {begin: at(zeros, begin - size), size: at(x.shape, size)}, backend as object);
  });
};

interface StringStore {
  makeOutput(shape: number[], dtype: tf.DataType): tf.TensorInfo;
  dataIdMap: {get(id: tf.DataId): {stringBytes?: Uint8Array[]}};
}

function part(x: tf.TensorInfo, box: Box, backend: object): tf.TensorInfo {
  if (x.dtype === 'string') {
    const {makeOutput, dataIdMap} = backend as StringStore;
    const output = makeOutput.call(backend, box.size, 'string');
    const strings: Uint8Array[] = [];
    const all = dataIdMap.get(x.dataId).stringBytes!;
    forEachRun(x.shape, box, (from, length) => strings.push(...all.slice(from, from + length)));
    dataIdMap.get(output.dataId).stringBytes = strings;
    return output;
  }
  const memory = hostMemory(backend);
  const output = memory.make(box.size, x.dtype as HostDType);
  const [source, target] = [memory.view(x), memory.view(output)];
  forEachRun(x.shape, box, (from, length, to) => copy(source, from, length, target, to));
  return output;
}

function copy(source: HostArray, from: number, length: number, target: HostArray, to: number): void {
  if (length < SHORT_RUN) for (let i = 0; i < length; i++) target[to + i] = source[from + i];
  else target.set(source.subarray(from, from + length), to);
}

/** Calls `visit` with each stretch of a box that is contiguous in a tensor of `shape`, in order. */
function forEachRun(shape: number[], {begin, size}: Box, visit: (from: number, length: number, to: number) => void) {
  if (tf.util.sizeFromShape(size) === 0) return;
  let axis = shape.length - 1; // the last that is not taken whole
  while (axis > 0 && size[axis] === shape[axis]) axis--;
  const strides = shape.map((_, i) => tf.util.sizeFromShape(shape.slice(i + 1)));
  const length = tf.util.sizeFromShape(size.slice(axis));
  const runs = tf.util.sizeFromShape(size.slice(0, axis));
  const place = begin.slice(0, axis).fill(0);
  let from = begin.reduce((sum, first, i) => sum + first * strides[i], 0);
  for (let run = 0; run < runs; run++) {
    visit(from, length, run * length);
    for (let i = axis - 1; i >= 0; i--) {
      from += strides[i];
      if (++place[i] < size[i]) break;
      from -= size[i] * strides[i];
      place[i] = 0;
    }
  }
}
