import type {Run} from './settings.js';

const STANDARD = {
  backend: 'wasm',
  epochs: 15,
  batchSize: 16,
  optimizer: 'adamW',
  learningRate: 2e-3,
  warmup: 0.05,
  weightDecay: 0.01,
  clip: 0,
  adversarial: 0,
  average: 0,
  units: 128,
  embeddingRange: 0.05,
  layers: 3,
  expansion: 2,
  keySize: 64,
  headSize: 64,
  dropout: 0.3,
  headDropout: 0,
  concatenate: false,
  tagWeight: 0,
  forget: 0.5,
  hideTokens: 0,
  hideContext: 0,
  minCount: 2,
  flat: false,
  seed: 1,
  sentences: 3000,
  repairTags: false,
} as const satisfies Partial<Run>;

/** Settings that belong together; options on the command line replace single ones. */
export const PRESETS = {
  /** Generated text, about two minutes on the wasm backend of two cores. */
  generated: {
    ...STANDARD,
    epochs: 8,
    learningRate: 5e-3,
    units: 64,
    embeddingRange: 0,
    layers: 2,
    keySize: 32,
    headSize: 32,
    dropout: 0.2,
  },
  /** A start for other text. */
  standard: STANDARD,
  /** Chinese résumés (Zhang & Yang 2018). */
  'resume-ner': {
    ...STANDARD,
    backend: 'tensorflow',
    epochs: 6,
    batchSize: 24,
    learningRate: 2.5e-3,
    clip: 8,
    adversarial: 0.15,
    average: 0.996,
    units: 256,
    concatenate: true,
    features: ['character', 'bigramBefore', 'bigram'],
    headDropout: 0.3,
    tagWeight: 4,
    forget: 0.1,
    hideTokens: 0.05,
    hideContext: 0.15,
    flat: true,
    repairTags: true,
  },
  /** A few seconds, to see that everything works. */
  smoke: {
    ...STANDARD,
    epochs: 3,
    batchSize: 8,
    learningRate: 0.01,
    units: 32,
    embeddingRange: 0,
    layers: 1,
    keySize: 16,
    headSize: 16,
    dropout: 0,
    forget: 0,
    sentences: 400,
  },
} as const satisfies Record<string, Omit<Run, 'out' | 'data' | 'command'>>;

export type PresetName = keyof typeof PRESETS;
export const PRESET_NAMES = Object.keys(PRESETS) as PresetName[];
