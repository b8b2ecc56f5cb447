import * as tf from '@tensorflow/tfjs';

import type {Sentence} from './sentences.js';

/** Numbers the words of sentences from 1 on; 0 is padding. */
export class Vocabulary {
  private readonly numbers = new Map<string, number>();
  /** Words of the longest sentence. */
  readonly length: number;

  constructor(sentences: readonly Sentence[]) {
    const words = sentences.map(({text}) => text.split(' '));
    for (const word of words.flat()) if (!this.numbers.has(word)) this.numbers.set(word, this.numbers.size + 1);
    this.length = Math.max(...words.map(({length}) => length));
  }

  /** Words and the padding. */
  get size(): number {
    return this.numbers.size + 1;
  }

  /** `[sentences, length]`, padded with 0. */
  encode(sentences: readonly Sentence[]): tf.Tensor2D {
    const rows = sentences.map(({text}) => {
      const row = new Array<number>(this.length).fill(0);
      for (const [i, word] of text.split(' ').slice(0, this.length).entries()) row[i] = this.numberOf(word);
      return row;
    });
    return tf.tensor2d(rows, [sentences.length, this.length], 'int32');
  }

  private numberOf(word: string): number {
    const number = this.numbers.get(word);
    if (number === undefined) throw new Error(`the word "${word}" is in no sentence of the training`);
    return number;
  }
}
