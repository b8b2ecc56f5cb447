import type * as tf from '@tensorflow/tfjs';
import * as tfa from 'tfjs-addons';

import type {Sentence, Span, TokenKind} from './data/sentence.js';
import {withoutTags} from './model.js';
import {type Scores, score} from './scores.js';
import {disposeAll, featureTensors} from './text/batch_tensors.js';
import {makeBatches} from './text/batches.js';
import type {EncodedSentence, Encoder} from './text/encoder.js';
import {withoutOverlaps} from './text/without_overlaps.js';

const BATCH_SIZE = 32;

type Tokens = Pick<Sentence, 'tokens'>;

/** A model together with what turns text into its numbers and its scores into spans. */
export class Recogniser {
  /** From features to the scores of spans. */
  readonly model: tf.LayersModel;

  /** @param trainingModel `model`, perhaps with further outputs that only training needs. */
  constructor(
    readonly trainingModel: tf.LayersModel,
    readonly encoder: Encoder,
    readonly tokenKind: TokenKind,
    readonly flat: boolean,
  ) {
    this.model = withoutTags(trainingModel);
  }

  /** The entities of each sentence. */
  async find(sentences: readonly Tokens[]): Promise<Span[][]> {
    const {types} = this.encoder;
    const encoded = sentences.map(({tokens}) => this.encoder.encode({tokens, spans: []}));
    const found: Span[][] = sentences.map(() => []);
    for (const batch of makeBatches(encoded, BATCH_SIZE)) {
      const scores = this.predict(encoded, batch.indices, batch.length);
      const spans = await tfa.decodeSpans(scores, {lengths: batch.indices.map(index => encoded[index].length)});
      scores.dispose();
      for (const [row, index] of batch.indices.entries()) {
        const kept = this.flat ? withoutOverlaps(spans[row]) : spans[row];
        found[index] = kept.map(({head, start, end}) => ({type: types[head], start, end}));
      }
    }
    return found;
  }

  /** Scores against the labels of `sentences`. */
  async evaluate(sentences: readonly Sentence[]): Promise<Scores> {
    const labelled = sentences.map(({spans}) => spans);
    const types = new Set([...this.encoder.types, ...labelled.flat().map(({type}) => type)]);
    return score(labelled, await this.find(sentences), [...types]);
  }

  /** The score of every span of one sentence under every type, by type, start and end. */
  async spanScores(sentence: Tokens): Promise<number[][][]> {
    const encoded = [this.encoder.encode({...sentence, spans: []})];
    const scores = this.predict(encoded, [0], encoded[0].length);
    const [byType] = (await scores.array()) as number[][][][];
    scores.dispose();
    return byType;
  }

  private predict(encoded: readonly EncodedSentence[], indices: number[], length: number): tf.Tensor4D {
    const features = featureTensors(encoded, {indices, length}, this.encoder.features);
    const scores = this.model.predictOnBatch(features) as tf.Tensor4D;
    disposeAll(features);
    return scores;
  }
}
