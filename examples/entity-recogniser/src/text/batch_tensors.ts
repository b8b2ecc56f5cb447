import * as tf from '@tensorflow/tfjs';
import * as tfa from 'tfjs-addons';

import type {Batch} from './batches.js';
import type {EncodedSentence, Feature} from './encoder.js';
import {tagCount, tagsOf} from './tags.js';
import {PADDING} from './vocabulary.js';

/** Labels get room for a multiple of so many spans, so that few shapes occur. */
const LABELS_STEP = 4;

/** One int32 tensor `[B, T]` a feature. */
export function featureTensors(
  sentences: readonly EncodedSentence[],
  {indices, length}: Batch,
  features: readonly Feature[],
): tf.Tensor2D[] {
  return features.map(({table, offset}) => {
    const numbers = new Int32Array(indices.length * length).fill(PADDING);
    for (const [row, index] of indices.entries()) {
      const sentence = sentences[index];
      numbers.set(sentence.tables[table].slice(offset, offset + sentence.length), row * length);
    }
    return tf.tensor2d(numbers, [indices.length, length], 'int32');
  });
}

/** The spans of a batch, `[B, types, K, 2]`, as the sparse GlobalPointer loss takes them. */
export function labelTensor(sentences: readonly EncodedSentence[], {indices}: Batch, types: number): tf.Tensor4D {
  const spans = indices.map(index => sentences[index].spans);
  const most = Math.max(1, ...spans.map(list => largestCount(list.map(({head}) => head))));
  return tfa.spanLabels(spans, {heads: types, maxSpans: LABELS_STEP * Math.ceil(most / LABELS_STEP), maskZero: false});
}

/**
 * The tags of a batch as targets of a softmax, `[B, T, tags]`: smoothed, zero at padding, and scaled so that tfjs's
 * mean over all of `[B, T]` is `weight` times the mean over the tokens.
 */
export function tagTensor(
  sentences: readonly EncodedSentence[],
  {indices, length}: Batch,
  types: number,
  {weight, smoothing}: {weight: number; smoothing: number},
): tf.Tensor3D {
  const width = tagCount(types);
  const targets = new Float32Array(indices.length * length * width);
  const tokens = indices.reduce((sum, index) => sum + sentences[index].length, 0);
  const scale = (weight * indices.length * length) / tokens;
  for (const [row, index] of indices.entries()) {
    for (const [i, tag] of tagsOf(sentences[index]).entries()) {
      const from = (row * length + i) * width;
      targets.fill((scale * smoothing) / width, from, from + width);
      targets[from + tag] += scale * (1 - smoothing);
    }
  }
  return tf.tensor3d(targets, [indices.length, length, width]);
}

function largestCount(values: readonly number[]): number {
  const counts = new Map<number, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return Math.max(0, ...counts.values());
}

export const disposeAll = (tensors: readonly tf.Tensor[]): void => tf.dispose([...tensors]);
