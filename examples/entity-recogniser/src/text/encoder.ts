import type {Dataset, Sentence} from '../data/sentence.js';
import {FEATURES, type FeatureName, TABLES, type TableName} from './features.js';
import {Vocabulary} from './vocabulary.js';

/** A sentence as numbers. */
export interface EncodedSentence {
  /** One list a table; it may be longer than the sentence. */
  tables: number[][];
  /** `head` is the type's place in the list of types. */
  spans: {head: number; start: number; end: number}[];
  length: number;
}

/** A feature of the model: number i + `offset` of a sentence's list number `table` belongs to token i. */
export interface Feature {
  name: FeatureName;
  table: number;
  offset: number;
}

export interface EncoderOptions {
  features: readonly FeatureName[];
  /** Values seen fewer times in training are treated as unknown; of the first feature every value is kept. */
  minCount: number;
}

/** A table and the numbers of its values. */
export interface Table {
  name: TableName;
  vocabulary: Vocabulary;
}

/** Turns sentences into numbers, and says how many there are of each: what the saved model needs beside its weights. */
export class Encoder {
  readonly features: readonly Feature[];

  constructor(
    features: readonly FeatureName[],
    readonly tables: readonly Table[],
    readonly types: readonly string[],
  ) {
    this.features = features.map(name => {
      const {table, offset} = FEATURES[name];
      return {name, table: tables.findIndex(({name}) => name === table), offset};
    });
  }

  static of({train, types}: Dataset, {features, minCount}: EncoderOptions): Encoder {
    const names = new Set(features.map(name => FEATURES[name].table));
    const tables = [...names].map((name, i) => {
      const values = train.flatMap(({tokens}) => TABLES[name](tokens));
      return {name, vocabulary: Vocabulary.of(values, i === 0 ? 1 : minCount)};
    });
    return new Encoder(features, tables, types);
  }

  encode({tokens, spans}: Sentence): EncodedSentence {
    const known = spans.filter(({type}) => this.types.includes(type));
    return {
      tables: this.tables.map(({name, vocabulary}) => TABLES[name](tokens).map(value => vocabulary.numberOf(value))),
      spans: known.map(({type, start, end}) => ({head: this.types.indexOf(type), start, end})),
      length: tokens.length,
    };
  }

  toJSON() {
    const {types} = this;
    const tables = this.tables.map(({name, vocabulary}) => ({name, entries: vocabulary.entries}));
    return {features: this.features.map(({name}) => name), types, tables};
  }

  static fromJSON({features, types, tables}: ReturnType<Encoder['toJSON']>): Encoder {
    const restored = tables.map(({name, entries}) => ({name, vocabulary: new Vocabulary(entries)}));
    return new Encoder(features, restored, types);
  }
}
