import * as tf from '@tensorflow/tfjs';
import * as tfa from 'tfjs-addons';

import {MaskedMean} from './masked_mean.js';

export interface Sizes {
  width: number;
  blocks: number;
}

export interface Models {
  /** Sentences to vectors, `[B, T]` to `[B, width]`: what remains after training. */
  encoder: tf.LayersModel;
  /** Sentences to scores of the meanings of the training, `[B, meanings]`. */
  classifier: tf.LayersModel;
}

/** A sentence encoder of gated attention units, and on it the head that it is trained with. */
export function buildModels(words: number, head: tf.layers.Layer, {width, blocks}: Sizes, seed: number): Models {
  const tokens = tf.input({shape: [null], dtype: 'int32'});
  const initializer = (number: number) => tf.initializers.glorotUniform({seed: 100 * seed + number});
  const embedding = tf.layers.embedding({
    inputDim: words,
    outputDim: width,
    maskZero: true,
    embeddingsInitializer: tf.initializers.randomNormal({stddev: 1, seed: 100 * seed}),
  });
  let x = embedding.apply(tokens) as tf.SymbolicTensor;
  for (let block = 0; block < blocks; block++) {
    const unit = tfa.layers.gatedAttentionUnit({
      units: 2 * width,
      keySize: width,
      normalization: 'softmaxPlus',
      pBias: 'rotary',
      kernelInitializer: initializer(block + 1) as never,
    });
    const normalized = tfa.layers.rmsNormalization({}).apply(x);
    x = tf.layers.add().apply([x, unit.apply(normalized) as tf.SymbolicTensor]) as tf.SymbolicTensor;
  }
  const vectors = new MaskedMean().apply(x) as tf.SymbolicTensor;
  return {
    encoder: tf.model({inputs: tokens, outputs: vectors}),
    classifier: tf.model({inputs: tokens, outputs: head.apply(vectors) as tf.SymbolicTensor}),
  };
}
