import type * as tf from '@tensorflow/tfjs';
import * as tfa from 'tfjs-addons';

import {feedForward, residual, type Sizes} from './block.js';

export const ATTENTION_NAMES = ['softmax', 'softmaxPlus', 'squaredRelu', 'linear', 'performer', 'flash'] as const;
export type AttentionName = (typeof ATTENTION_NAMES)[number];

export interface Attention {
  /** For the report. */
  label: string;
  /** One block, `[B, T, C]` → `[B, T, C]`: attention and feed-forward layer, or what takes their place. */
  block(x: tf.SymbolicTensor, sizes: Sizes, seed: number): tf.SymbolicTensor;
}

/** Random features of Performer, for each channel of a head. */
const FEATURES_PER_CHANNEL = 4;
/** FLASH: width of queries and keys that gives two layers about the parameters of one block of the others. */
const FLASH_KEY_SIZE = 32;
const FLASH_CHUNK = 128;

export const ATTENTIONS: Readonly<Record<AttentionName, Attention>> = {
  softmax: {label: 'softmax', block: withScores('softmax')},
  softmaxPlus: {label: 'softmaxPlus', block: withScores('softmaxPlus')},
  squaredRelu: {label: 'squaredRelu', block: withScores('squaredRelu')},
  linear: {
    label: 'linear (elu + 1)',
    block: (x, sizes) => withFeedForward(x, sizes, tfa.layers.linearAttention({...headsOf(sizes), ...CAUSAL})),
  },
  performer: {
    label: 'Performer',
    block(x, sizes, seed) {
      const {heads, headSize} = headsOf(sizes);
      const randomFeatures = FEATURES_PER_CHANNEL * headSize;
      const layer = tfa.layers.performerAttention({heads, headSize, randomFeatures, seed, ...CAUSAL});
      return withFeedForward(x, sizes, layer);
    },
  },
  flash: {
    label: 'FLASH (mixed chunk)',
    block(x, {width}) {
      const layer = () =>
        tfa.layers.mixedChunkAttention({
          units: 2 * width,
          keySize: FLASH_KEY_SIZE,
          chunkSize: FLASH_CHUNK,
          causal: true,
        });
      return layer().apply(layer().apply(x)) as tf.SymbolicTensor; // with norm and residual inside
    },
  },
};

const CAUSAL = {causal: true, pBias: 'rotary'} as const;

const headsOf = ({width, heads}: Sizes) => ({heads, headSize: width / heads});

function withScores(normalization: 'softmax' | 'softmaxPlus' | 'squaredRelu'): Attention['block'] {
  return (x, sizes) => {
    const attention = tfa.layers.multiHeadAttention({...headsOf(sizes), ...CAUSAL, normalization});
    const attended = residual(x, normal => attention.apply([normal, normal, normal]) as tf.SymbolicTensor);
    return feedForward(attended, sizes);
  };
}

const withFeedForward = (x: tf.SymbolicTensor, sizes: Sizes, attention: tf.layers.Layer): tf.SymbolicTensor =>
  feedForward(
    residual(x, normal => attention.apply(normal) as tf.SymbolicTensor),
    sizes,
  );
