import * as tf from '@tensorflow/tfjs';
import * as tfa from 'tfjs-addons';

import type {Random} from '../random.js';
import type {Batch} from './batches.js';
import type {EncodedSentence} from './encoder.js';
import {PADDING, type Vocabulary} from './vocabulary.js';

/** Labels get room for a multiple of so many spans, so that few shapes occur. */
const LABELS_STEP = 4;

/** How training hides rare values, see `Vocabulary.forget`. */
export interface Forgetting {
  vocabularies: readonly Vocabulary[];
  alpha: number;
  random: Random;
}

/** One int32 tensor `[B, T]` a feature. */
export function featureTensors(
  sentences: readonly EncodedSentence[],
  {indices, length}: Batch,
  forgetting?: Forgetting,
): tf.Tensor2D[] {
  const features = sentences[indices[0]].features.length;
  return Array.from({length: features}, (_, f) => {
    const numbers = new Int32Array(indices.length * length).fill(PADDING);
    for (const [row, index] of indices.entries()) numbers.set(sentences[index].features[f], row * length);
    if (forgetting) {
      const {vocabularies, alpha, random} = forgetting;
      numbers.forEach((number, i) => {
        numbers[i] = vocabularies[f].forget(number, alpha, random);
      });
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

function largestCount(values: readonly number[]): number {
  const counts = new Map<number, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return Math.max(0, ...counts.values());
}

export const disposeAll = (tensors: readonly tf.Tensor[]): void => tf.dispose([...tensors]);
