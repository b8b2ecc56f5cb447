import * as tf from '@tensorflow/tfjs';
import * as tfa from 'tfjs-addons';

import type {Settings} from './settings.js';
import type {Encoder} from './text/encoder.js';

export type ModelSettings = Pick<
  Settings,
  'units' | 'embeddingRange' | 'layers' | 'expansion' | 'keySize' | 'headSize' | 'dropout' | 'seed'
>;

/**
 * Embeddings of the features, summed; gated attention units, each with the neighbours of a token mixed in before; a
 * GlobalPointer head.
 *
 *   x ← Σ embedding(feature)
 *   x ← x + dropout(unit(h + convolution(h))),  h = norm(x)        once a layer
 *   scores = head(norm(x))
 *
 * @returns A model from the features, each `[B, T]`, to the scores of all spans, `[B, types, T, T]`.
 */
export function buildModel({features, vocabularies, types}: Encoder, settings: ModelSettings): tf.LayersModel {
  const {units, embeddingRange, layers, expansion, keySize, headSize, dropout} = settings;
  const seeds = seedsFrom(settings.seed);
  const glorot = () => ({className: 'GlorotUniform', config: {seed: seeds()}});
  const drop = (x: tf.SymbolicTensor, name: string): tf.SymbolicTensor =>
    tfa.layers.seededDropout({rate: dropout, seed: seeds(), name}).apply(x) as tf.SymbolicTensor;

  const inputs = features.map(name => tf.input({shape: [null], dtype: 'int32', name}));
  const embeddings = inputs.map((input, f) => {
    const embedding = tf.layers.embedding({
      inputDim: vocabularies[f].size,
      outputDim: units,
      maskZero: true,
      embeddingsInitializer: embeddingRange
        ? tf.initializers.randomUniform({minval: -embeddingRange, maxval: embeddingRange, seed: seeds()})
        : tf.initializers.randomNormal({mean: 0, stddev: features.length ** -0.5, seed: seeds()}),
      name: `${features[f]}_embedding`,
    });
    return embedding.apply(input) as tf.SymbolicTensor;
  });
  let x = drop(sum(embeddings, 'embeddings'), 'embeddings_dropout');

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

  const head = tfa.layers.efficientGlobalPointer({
    heads: types.length,
    headSize,
    kernelInitializer: glorot(),
    name: 'spans',
  });
  return tf.model({inputs, outputs: head.apply(normalise(x, 'norm')) as tf.SymbolicTensor, name: 'recogniser'});
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
