import type {FeatureName} from './text/features.js';

export const BACKENDS = ['wasm', 'webgpu', 'tensorflow', 'cpu'] as const;
export type BackendName = (typeof BACKENDS)[number];

/** Everything that decides the numbers of a run, apart from the text. */
export interface Settings {
  backend: BackendName;
  /** Passes over the training text. */
  epochs: number;
  /** Sentences a step. */
  batchSize: number;
  optimizer: OptimizerName;
  /** Step size at its height: it grows over the first `warmup` of all steps, then falls linearly to 0. */
  learningRate: number;
  warmup: number;
  weightDecay: number;
  /** Largest norm of all gradients together; 0 for no bound. */
  clip: number;
  /**
   * Length of the adversarial move of a sentence's embeddings, as a share of theirs; 0 for none. Takes a second pass.
   */
  adversarial: number;
  /** Decay of the moving average of the weights that is scored and kept; 0 for the weights themselves. */
  average: number;
  /** Width of the embeddings and of the stream between the layers. */
  units: number;
  /** Embeddings start uniform in ± this; 0 for normal ones whose sum has variance 1. */
  embeddingRange: number;
  /** Number of gated attention units. */
  layers: number;
  /** Width of a gated attention unit's hidden part, as a multiple of `units`. */
  expansion: number;
  /** Width of queries and keys in the attention. */
  keySize: number;
  /** Width of queries and keys in the GlobalPointer head. */
  headSize: number;
  /** Share of the values dropped between layers in training. */
  dropout: number;
  /** The same before the head. */
  headDropout: number;
  /** Whether the embeddings of a token's features lie side by side, or are summed. */
  concatenate: boolean;
  /** Weight of a second loss in training, that of a tag for each token; 0 for none. */
  tagWeight: number;
  /** α: a feature's value that training saw n times is hidden with probability α / (α + n). */
  forget: number;
  /** Probability that training hides a value of the first feature, the token itself, whatever its count. */
  hideTokens: number;
  /** The same for the further features. */
  hideContext: number;
  /** What the model sees of a token; undefined for the usual features of its kind. */
  features?: readonly FeatureName[];
  /** Values of the further features that occur fewer times count as unknown. */
  minCount: number;
  /** Whether entities never overlap: of spans that do, the one with the best score is kept. */
  flat: boolean;
  /** Start of all random numbers: text, weights, order, dropout. */
  seed: number;
}

/** Where text comes from, and where results go. */
export interface Places {
  /** Directory with the user's text; undefined for generated text. */
  data?: string;
  /** Accept tags that are out of order. */
  repairTags: boolean;
  /** Number of generated sentences to train on. */
  sentences: number;
  out: string;
  /** The command line that began the run. */
  command: string;
}

export type Run = Settings & Places;

export const OPTIMIZERS = ['adamW', 'lamb', 'lion', 'lookahead', 'egStepSize', 'adam', 'sgd'] as const;
export type OptimizerName = (typeof OPTIMIZERS)[number];
