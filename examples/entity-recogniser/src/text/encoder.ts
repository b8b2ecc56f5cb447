import type {Dataset, Sentence} from '../data/sentence.js';
import {type FeatureName, featureValues} from './features.js';
import {Vocabulary} from './vocabulary.js';

/** A sentence as numbers. */
export interface EncodedSentence {
  /** One list a feature, one number a token. */
  features: number[][];
  /** `head` is the type's place in the list of types. */
  spans: {head: number; start: number; end: number}[];
  length: number;
}

export interface EncoderOptions {
  features: readonly FeatureName[];
  /** Values seen fewer times in training are treated as unknown; for the first feature every value is kept. */
  minCount: number;
}

/** Turns sentences into numbers, and says how many there are of each: what the saved model needs beside its weights. */
export class Encoder {
  constructor(
    readonly features: readonly FeatureName[],
    readonly vocabularies: readonly Vocabulary[],
    readonly types: readonly string[],
  ) {}

  static of({train, types}: Dataset, {features, minCount}: EncoderOptions): Encoder {
    const vocabularies = features.map((name, i) => {
      const values = train.flatMap(({tokens}) => featureValues(name, tokens));
      return Vocabulary.of(values, i === 0 ? 1 : minCount);
    });
    return new Encoder(features, vocabularies, types);
  }

  encode({tokens, spans}: Sentence): EncodedSentence {
    const features = this.features.map((name, f) =>
      featureValues(name, tokens).map(value => this.vocabularies[f].numberOf(value)),
    );
    const known = spans.filter(({type}) => this.types.includes(type));
    return {
      features,
      spans: known.map(({type, start, end}) => ({head: this.types.indexOf(type), start, end})),
      length: tokens.length,
    };
  }

  toJSON(): {features: readonly FeatureName[]; types: readonly string[]; vocabularies: unknown[]} {
    const {features, types} = this;
    return {features, types, vocabularies: this.vocabularies.map(({entries}) => entries)};
  }

  static fromJSON(json: ReturnType<Encoder['toJSON']>): Encoder {
    const entries = json.vocabularies as [string, number][][];
    return new Encoder(
      json.features,
      entries.map(list => new Vocabulary(list)),
      json.types,
    );
  }
}
