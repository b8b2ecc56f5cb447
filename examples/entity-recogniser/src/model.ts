import * as tf from '@tensorflow/tfjs';
import * as tfa from 'tfjs-addons';

import type {Settings} from './settings.js';
import type {Encoder} from './text/encoder.js';
import {tagCount} from './text/tags.js';

export type ModelSettings = Pick<
  Settings,
  | 'units'
  | 'concatenate'
  | 'embeddingRange'
  | 'layers'
  | 'expansion'
  | 'keySize'
  | 'headSize'
  | 'dropout'
  | 'headDropout'
  | 'tagWeight'
  | 'seed'
>;

/** Name of the layer whose output is the embedding of a token. */
export const EMBEDDINGS = 'embeddings';

/**
 * Embeddings of the features, summed or side by side; gated attention units, each with the neighbours of a token mixed
 * in before; a GlobalPointer head.
 *
 *   x ← Σ embedding(feature)  or  [embedding(feature) …]
 *   x ← x + dropout(unit(h + convolution(h))),  h = norm(x)        once a layer
 *   scores = head(dropout(norm(x)))
 *
 * @returns A model from the features, each `[B, T]`, to the scores of all spans, `[B, types, T, T]`; with a `tagWeight`
 * also to the probabilities of each token's tags, `[B, T, tags]`.
 */
export function buildModel(encoder: Encoder, settings: ModelSettings): tf.LayersModel {
  const {units, layers, expansion, keySize, headSize, dropout, headDropout, tagWeight} = settings;
  const {features, types} = encoder;
  const seeds = seedsFrom(settings.seed);
  const glorot = () => ({className: 'GlorotUniform', config: {seed: seeds()}});
  const drop = (x: tf.SymbolicTensor, name: string, rate = dropout): tf.SymbolicTensor =>
    tfa.layers.seededDropout({rate, seed: seeds(), name}).apply(x) as tf.SymbolicTensor;

  const inputs = features.map(({name}) => tf.input({shape: [null], dtype: 'int32', name}));
  let x = drop(embed(inputs, encoder, settings, seeds), 'embeddings_dropout');

  for (let layer = 1; layer <= layers; layer++) {
    const normalised = normalise(x, `norm_${layer}`);
    const neighbours = tfa.layers.depthwiseConvolution1d({
      kernelSize: 3,
      kernelInitializer: glorot(),
      name: `convolution_${layer}`,
    });
    const mixed = sum([neighbours.apply(normalised) as tf.SymbolicTensor, normalised], `neighbours_${layer}`);
    const unit = tfa.layers.gatedAttentionUnit({
      units: expansion * units,
      keySize,
      normalization: 'softmaxPlus',
      pBias: 'rotary',
      kernelInitializer: glorot(),
      name: `unit_${layer}`,
    });
    const branch = drop(unit.apply(mixed) as tf.SymbolicTensor, `dropout_${layer}`);
    x = sum([branch, x], `residual_${layer}`);
  }

  x = drop(normalise(x, 'norm'), 'head_dropout', headDropout);
  const head = tfa.layers.efficientGlobalPointer({
    heads: types.length,
    headSize,
    kernelInitializer: glorot(),
    name: 'spans',
  });
  const outputs = [head.apply(x) as tf.SymbolicTensor];
  if (tagWeight) {
    const tags = tf.layers.dense({
      units: tagCount(types.length),
      activation: 'softmax',
      kernelInitializer: tf.initializers.glorotUniform({seed: seeds()}),
      name: 'tags',
    });
    outputs.push(tags.apply(x) as tf.SymbolicTensor);
  }
  return tf.model({inputs, outputs, name: 'recogniser'});
}

/** The same layers without those that only training needs. */
export function withoutTags(model: tf.LayersModel): tf.LayersModel {
  const {inputs, outputs, name} = model;
  return outputs.length === 1 ? model : tf.model({inputs, outputs: outputs[0], name});
}

/** One vector a token, `[B, T, units]`; side by side, half of it is the first feature's, half the others'. */
function embed(
  inputs: readonly tf.SymbolicTensor[],
  {features, tables}: Encoder,
  {units, concatenate, embeddingRange}: ModelSettings,
  seeds: () => number,
): tf.SymbolicTensor {
  const widths = features.map((_, f) =>
    concatenate && features.length > 1 ? share(units, f, features.length) : units,
  );
  const embeddings = tables.map(({name, vocabulary}, t) =>
    tf.layers.embedding({
      inputDim: vocabulary.size,
      outputDim: widths[features.findIndex(({table}) => table === t)],
      maskZero: true,
      embeddingsInitializer: embeddingRange
        ? tf.initializers.randomUniform({minval: -embeddingRange, maxval: embeddingRange, seed: seeds()})
        : tf.initializers.randomNormal({mean: 0, stddev: features.length ** -0.5, seed: seeds()}),
      name: `${name}_embedding`,
    }),
  );
  const vectors = features.map(({table}, f) => embeddings[table].apply(inputs[f]) as tf.SymbolicTensor);
  if (!concatenate || vectors.length === 1) return sum(vectors, EMBEDDINGS);
  return tf.layers.concatenate({name: EMBEDDINGS}).apply(vectors) as tf.SymbolicTensor;
}

function share(units: number, feature: number, features: number): number {
  const width = feature === 0 ? units / 2 : units / 2 / (features - 1);
  if (!Number.isInteger(width)) throw new Error(`--units ${units} can't be shared by ${features} features`);
  return width;
}

const normalise = (x: tf.SymbolicTensor, name: string): tf.SymbolicTensor =>
  tfa.layers.rmsNormalization({name}).apply(x) as tf.SymbolicTensor;

/** The sum; its mask is that of the first. */
const sum = (terms: tf.SymbolicTensor[], name: string): tf.SymbolicTensor =>
  terms.length === 1 ? terms[0] : (tf.layers.add({name}).apply(terms) as tf.SymbolicTensor);

/** A new seed at each call, the same ones for the same start. */
function seedsFrom(seed: number): () => number {
  let next = seed * 1000;
  return () => ++next;
}
