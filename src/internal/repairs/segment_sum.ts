import * as tf from '@tensorflow/tfjs-core';

import {type HostArray, hostMemory} from '../host_memory.js';

/**
 * The kernel `UnsortedSegmentSum`: out[s] = Σ x[i] over the rows i whose id is s. Rows whose id is outside
 * [0, numSegments) are dropped. It is the gradient of `gather`, hence of every embedding.
 *
 * x has the shape of segmentIds followed by the shape of one row; sums of bool are int32.
 */
export const segmentSumKernel: tf.KernelFunc = ({inputs, attrs, backend}) => {
  const {x, segmentIds} = inputs as {x: tf.TensorInfo; segmentIds: tf.TensorInfo};
  const {numSegments} = attrs as unknown as tf.UnsortedSegmentSumAttrs;
  const memory = hostMemory(backend);
  const row = x.shape.slice(segmentIds.shape.length);
  const out = memory.make([numSegments, ...row], x.dtype === 'float32' ? 'float32' : 'int32');
  sumSegments(memory.view(x), memory.view(segmentIds), numSegments, tf.util.sizeFromShape(row), memory.view(out));
  return out;
};

/**
 * Links the rows of each segment, then sums segment by segment in double precision, so that a token that fills half
 * the batch gets a gradient as exact as a rare one. O(rows · width + segments).
 */
export function sumSegments(x: HostArray, ids: HostArray, segments: number, width: number, out: HostArray): void {
  const first = new Int32Array(segments).fill(-1);
  const next = new Int32Array(ids.length);
  for (let row = ids.length - 1; row >= 0; row--) {
    const segment = ids[row];
    if (segment < 0 || segment >= segments) continue;
    next[row] = first[segment];
    first[segment] = row;
  }
  const sum = new Float64Array(width);
  out.fill(0);
  for (let segment = 0; segment < segments; segment++) {
    if (first[segment] < 0) continue;
    sum.fill(0);
    for (let row = first[segment]; row >= 0; row = next[row]) {
      for (let j = 0, at = row * width; j < width; j++) sum[j] += x[at + j];
    }
    for (let j = 0, at = segment * width; j < width; j++) out[at + j] = sum[j];
  }
}
