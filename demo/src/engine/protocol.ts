/** What the page and its worker tell each other. Everything here can be sent between threads. */
import type {Span} from 'entity-recogniser-example/src/data/sentence.ts';

export const BACKENDS = ['webgpu', 'webgl', 'wasm'] as const;
export type BackendName = (typeof BACKENDS)[number];

/** Why a backend that comes earlier in the list is not the one that runs. */
export type Obstacle = 'missing' | 'no adapter' | 'failed';

export interface Skipped {
  backend: BackendName;
  obstacle: Obstacle;
  /** What the browser said. */
  detail: string;
}

/** Files of a recogniser, by name: those of `npm start -- --out`, in its folder `model`. */
export type ModelFiles = Record<string, Uint8Array<ArrayBuffer>>;

export interface Started {
  backend: BackendName;
  /** The GPU, or what runs instead of one. */
  adapter: string;
  skipped: Skipped[];
  types: string[];
  parameters: number;
  bytes: number;
}

export interface ScoredSpan extends Span {
  score: number;
}

/** A sentence of the text. Offsets are those of JavaScript strings, `end` is the first place after. */
export interface TaggedSentence {
  start: number;
  end: number;
  tokens: {text: string; start: number; end: number}[];
  /** In tokens, both ends inclusive. */
  spans: ScoredSpan[];
}

export interface Tagging {
  sentences: TaggedSentence[];
  fused: boolean;
  milliseconds: number;
  launches: number;
}

/** What the model made of one sentence. */
export interface Maps {
  tokens: string[];
  types: string[];
  /** By type, start and end. */
  spanScores: number[][][];
  /** By unit, query and key. */
  attention: number[][][];
}

/** A sentence as it should be tagged. */
export interface Example {
  text: string;
  tokens: string[];
  spans: Span[];
}

export interface TrainOptions {
  steps: number;
  learningRate: number;
}

/** F1 in [0, 1] on the examples, and on generated sentences that no training has seen. */
export interface Quality {
  examples: number;
  heldOut: number;
}

export interface TrainReport {
  /** Steps that were done. */
  steps: number;
  stopped: boolean;
  before: Quality;
  after: Quality;
}

export interface ExplorerRequest {
  length: number;
  headSize: number;
}

export const ATTENTIONS = ['softmax', 'softmaxPlus', 'squaredRelu', 'linear', 'performer'] as const;
export type AttentionName = (typeof ATTENTIONS)[number];

/** How one kind of attention distributes its weight over the keys. */
export interface Distribution {
  attention: AttentionName;
  /** Share of the weight on the 1, 2, … strongest keys, mean over the queries; `[keys, share]`. */
  cumulative: [number, number][];
  /** Weight of the key that the query was made from. */
  match: number;
  /** In nats. */
  entropy: number;
}
