import {Random} from './random.js';

/** Tags, of which the most frequent is on every third document and the rarest on one in two hundred. */
export const TAGS = 60;
const LARGEST_SHARE = 0.3;
const WORDS = 400;
const WORDS_OF_A_TAG = 8;
const LENGTH = 30;
/** Share of words that have nothing to do with the tags. */
const NOISE = 0.6;

export interface Documents {
  count: number;
  /** log(1 + how often each word occurs), row by row. */
  features: Float32Array;
  /** 1 where a document has a tag, row by row. */
  labels: Float32Array;
}

export interface Splits {
  train: Documents;
  /** Chooses learning rates and thresholds. */
  validation: Documents;
  test: Documents;
  words: number;
}

/**
 * Documents as bags of words. Tag k is on a share 0.3 / k of them, independently of the others, and has eight words,
 * which tags share; a word of a document is of one of its tags, or any word at all.
 */
export function makeDocuments(trainCount: number, seed = 1): Splits {
  const random = new Random(seed);
  const wordsOf = Array.from({length: TAGS}, () => random.order(WORDS).slice(0, WORDS_OF_A_TAG));
  const make = (count: number): Documents => {
    const features = new Float32Array(count * WORDS);
    const labels = new Float32Array(count * TAGS);
    for (let document = 0; document < count; document++) {
      const tags = wordsOf.map((_, tag) => tag).filter(tag => random.next() < LARGEST_SHARE / (tag + 1));
      for (const tag of tags) labels[document * TAGS + tag] = 1;
      for (let i = 0; i < LENGTH; i++) {
        const isNoise = tags.length === 0 || random.next() < NOISE;
        const word = isNoise ? random.below(WORDS) : random.choose(wordsOf[random.choose(tags)]);
        features[document * WORDS + word]++;
      }
    }
    return {count, features: features.map(Math.log1p), labels};
  };
  return {train: make(trainCount), validation: make(trainCount / 2), test: make(trainCount), words: WORDS};
}
