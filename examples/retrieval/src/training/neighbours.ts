import * as tf from '@tensorflow/tfjs';

import type {Sentence} from '../data/sentences.js';
import type {Vocabulary} from '../data/vocabulary.js';

export interface Neighbour {
  /** Index of the sentence. */
  index: number;
  cosine: number;
}

const QUERIES_AT_ONCE = 256;

/** For each sentence the `count` others whose vectors have the largest cosines with its own, nearest first. */
export async function nearestNeighbours(
  encoder: tf.LayersModel,
  sentences: readonly Sentence[],
  vocabulary: Vocabulary,
  count: number,
): Promise<Neighbour[][]> {
  const vectors = tf.tidy(() => {
    const x = encoder.predict(vocabulary.encode(sentences), {batchSize: QUERIES_AT_ONCE}) as tf.Tensor2D;
    return tf.div(x, tf.norm(x, 2, 1, true)) as tf.Tensor2D;
  });
  const found: Neighbour[][] = [];
  for (let first = 0; first < sentences.length; first += QUERIES_AT_ONCE) {
    const size = Math.min(QUERIES_AT_ONCE, sentences.length - first);
    const [values, indices] = tf.tidy(() => {
      const cosines = tf.matMul(tf.slice(vectors, [first, 0], [size, -1]), vectors, false, true);
      const top = tf.topk(cosines, count + 1); // the sentence itself is among them
      return [top.values, top.indices];
    });
    const [cosines, numbers] = await Promise.all([values.array(), indices.array()] as Promise<number[][]>[]);
    for (const [row, own] of numbers.entries()) {
      const others = own.map((index, i) => ({index, cosine: cosines[row][i]}));
      found.push(others.filter(({index}) => index !== first + row).slice(0, count));
    }
    tf.dispose([values, indices]);
  }
  vectors.dispose();
  return found;
}

/** Share of the sentences that have one of the same meaning among their `k` nearest. */
export function recallAt(
  k: number,
  neighbours: readonly (readonly Neighbour[])[],
  sentences: readonly Sentence[],
): number {
  const isHit = (query: number) =>
    neighbours[query].slice(0, k).some(({index}) => sentences[index].meaning === sentences[query].meaning);
  return neighbours.filter((_, query) => isHit(query)).length / neighbours.length;
}
