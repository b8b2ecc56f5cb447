import type {Random} from '../random.js';
import type {EncodedSentence} from './encoder.js';

/** Sentences that share a padded length; few lengths mean few shapes, which GPU backends compile and pool once each. */
export interface Batch {
  /** Places of the sentences in the list that the batches were made from. */
  indices: number[];
  /** Tokens to which each is filled up. */
  length: number;
}

/** The smallest of 8, 12, 16, 24, 32, 48, 64, … that holds `length` tokens. */
export function paddedLength(length: number): number {
  let padded = 8;
  while (padded < length) padded = padded % 3 === 0 ? (padded / 3) * 4 : padded * 1.5;
  return padded;
}

/**
 * Batches of sentences of equal padded length. With `random`, sentences are dealt anew and batches come in random
 * order; without, in that of the list.
 */
export function makeBatches(sentences: readonly EncodedSentence[], batchSize: number, random?: Random): Batch[] {
  const byLength = new Map<number, number[]>();
  const order = sentences.map((_, i) => i);
  for (const index of random ? random.shuffle(order) : order) {
    const length = paddedLength(sentences[index].length);
    if (!byLength.has(length)) byLength.set(length, []);
    byLength.get(length)!.push(index);
  }
  const batches: Batch[] = [];
  for (const [length, indices] of [...byLength].sort(([a], [b]) => a - b)) {
    for (let i = 0; i < indices.length; i += batchSize)
      batches.push({indices: indices.slice(i, i + batchSize), length});
  }
  return random ? random.shuffle(batches) : batches;
}
