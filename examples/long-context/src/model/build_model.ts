import * as tf from '@tensorflow/tfjs';
import * as tfa from 'tfjs-addons';

import {ALPHABET_SIZE} from '../text/alphabet.js';
import {ATTENTIONS, type AttentionName} from './attentions.js';
import {neighbours, type Sizes} from './block.js';
import {seedWeights} from './seed_weights.js';

/** Characters `[B, T]` → scores of the next one `[B, T, alphabet]`. The same for the same seed. */
export function buildModel(name: AttentionName, sizes: Sizes, seed: number): tf.LayersModel {
  const inputs = tf.input({shape: [null], dtype: 'int32'});
  const embedding = tf.layers.embedding({inputDim: ALPHABET_SIZE, outputDim: sizes.width});
  let x = embedding.apply(inputs) as tf.SymbolicTensor;
  for (let i = 0; i < sizes.blocks; i++) x = ATTENTIONS[name].block(neighbours(x), sizes, seed + i);
  const normal = tfa.layers.rmsNormalization().apply(x);
  const scores = tf.layers.dense({units: ALPHABET_SIZE}).apply(normal) as tf.SymbolicTensor;
  const model = tf.model({inputs, outputs: scores});
  seedWeights(model, seed);
  return model;
}
