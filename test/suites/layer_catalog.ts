/** How the layer suite exercises each layer class: one entry a class, and every class has one. */
import * as tf from '@tensorflow/tfjs-core';
import type {layers} from '@tensorflow/tfjs-layers';

import {normal} from '../support/expect.js';

export type LayerClass = (new (args: never) => layers.Layer) & {className: string};
type Args = Record<string, unknown>;

export interface LayerEntry {
  /** Arguments without which the layer cannot be made. */
  required?: Args;
  /** Each makes a layer that takes `inputs`; together they give every argument a value other than its default. */
  variants: Args[];
  /** The inputs for a batch and length; a list for several. The first is the one that is differentiated and masked. */
  inputs?(batch: number, length: number, args: Args): tf.Tensor | tf.Tensor[];
  /** What an output position depends on: its own token, all tokens, or two of them (`[B, H, T, T]`). */
  output: 'token' | 'sequence' | 'spans' | 'table';
  /** Arguments under which an output never depends on later tokens. */
  causal?: Args;
  /** Wrong arguments and what the error must say. */
  errors: [Args, string][];
}

const CHANNELS = 6;
const tokens = (batch: number, length: number): tf.Tensor => normal([batch, length, CHANNELS], 7);
/** Position ids that do not start at 0. */
const positions = (batch: number, length: number): tf.Tensor =>
  tf.tile(tf.reshape(tf.range(2, 2 + length, 1, 'int32'), [1, length]), [batch, 1]);
const initializers = {
  kernelInitializer: {className: 'RandomNormal', config: {mean: 0, stddev: 0.4, seed: 3}},
  biasInitializer: {className: 'Constant', config: {value: 0.1}},
  kernelRegularizer: {className: 'L1L2', config: {l1: 0.01, l2: 0.02}},
  biasRegularizer: {className: 'L1L2', config: {l1: 0.03, l2: 0.01}},
};

export const LAYER_CATALOG: Record<string, LayerEntry> = {
  ConditionalLayerNormalization: {
    variants: [{}, {zeroMean: false, hiddenUnits: 3, hiddenActivation: 'tanh', epsilon: 1e-3}],
    inputs: (batch, length) => [tokens(batch, length), normal([batch, 5], 8)],
    output: 'token',
    errors: [
      [{epsilon: 0}, 'ConditionalLayerNormalization: expected epsilon in (0, Infinity], received 0.'],
      [{hiddenUnits: 1.5}, 'expected hiddenUnits to be a positive integer, received 1.5.'],
    ],
  },
  CosineDense: {
    required: {units: 5},
    variants: [
      {units: 5},
      {
        units: 3,
        kernelInitializer: initializers.kernelInitializer,
        kernelRegularizer: initializers.kernelRegularizer,
      },
    ],
    output: 'token',
    errors: [[{units: 0}, 'CosineDense: expected units to be a positive integer, received 0.']],
  },
  DepthwiseConvolution1d: {
    required: {kernelSize: 3},
    variants: [
      {kernelSize: 3},
      {
        kernelSize: 2,
        padding: 'causal',
        dilationRate: 2,
        useBias: false,
        kernelInitializer: initializers.kernelInitializer,
        biasInitializer: initializers.biasInitializer,
      },
    ],
    output: 'sequence',
    causal: {kernelSize: 2, padding: 'causal', dilationRate: 2},
    errors: [
      [{kernelSize: 4}, "expected an odd kernelSize with padding 'same', received 4."],
      [{kernelSize: 3, padding: 'valid'}, 'expected padding to be one of same, causal, received "valid".'],
    ],
  },
  EfficientGlobalPointer: {
    required: {heads: 2, headSize: 4},
    variants: [
      {heads: 2, headSize: 4},
      {heads: 3, headSize: 3, useRope: false, trilMask: false, maskValue: -1e9, useBias: false, ...initializers},
    ],
    output: 'spans',
    errors: [
      [{heads: 0, headSize: 4}, 'EfficientGlobalPointer: expected heads to be a positive integer, received 0.'],
      [{heads: 1, headSize: 4, maskValue: 1}, 'expected maskValue in [-Infinity, -10000], received 1.'],
    ],
  },
  GatedAttentionUnit: {
    required: {units: 7, keySize: 4},
    variants: [
      {units: 7, keySize: 4},
      {
        units: 5,
        keySize: 4,
        activation: 'tanh',
        attentionScale: 0.7,
        attentionDropout: 0.25,
        normalization: 'softmaxPlus',
        lengthBase: 300,
        minLength: 2,
        causal: true,
        pBias: 'rotary',
        ropeLayout: 'half',
        ropeBase: 100,
        positionIds: true,
        aBias: true,
        keyMask: true,
        seed: 5,
        useBias: false,
        ...initializers,
      },
      {units: 5, keySize: 4, selfAttention: false, normalization: 'softmax'},
      {units: 5, keySize: 4, lengthNorm: 9, attentionScale: false},
    ],
    inputs: (batch, length, {selfAttention = true, aBias, positionIds, keyMask}) => {
      const x = tokens(batch, length);
      const extra = [
        ...(aBias ? [normal([batch, length, length], 9)] : []),
        ...(positionIds ? [positions(batch, length)] : []),
        ...(keyMask ? [tf.ones([batch, length], 'int32')] : []),
      ];
      return selfAttention && extra.length === 0 ? x : [...(selfAttention ? [x] : [x, x, x]), ...extra];
    },
    output: 'sequence',
    causal: {units: 5, keySize: 4, causal: true, normalization: 'softmaxPlus'},
    errors: [
      [{units: -1, keySize: 4}, 'GatedAttentionUnit: expected units to be a positive integer, received -1.'],
      [
        {units: 4, keySize: 4, normalization: 'sofmax'},
        'to be one of softmax, softmaxPlus, squaredRelu, received "sofmax"',
      ],
      [{units: 4, keySize: 4, positionIds: true}, "expected positionIds only in the self form with pBias 'rotary'"],
    ],
  },
  GlobalPointer: {
    required: {heads: 2, headSize: 4},
    variants: [
      {heads: 2, headSize: 4},
      {heads: 3, headSize: 3, useRope: false, trilMask: false, maskValue: -1e9, useBias: false, ...initializers},
    ],
    output: 'spans',
    errors: [[{heads: 2, headSize: 5}, 'GlobalPointer: expected an even headSize with useRope, received 5.']],
  },
  LazyEmbedding: {
    required: {inputDim: 7, outputDim: 3},
    variants: [
      {inputDim: 7, outputDim: 3},
      {
        inputDim: 5,
        outputDim: 2,
        embeddingsInitializer: initializers.kernelInitializer,
        embeddingsRegularizer: initializers.kernelRegularizer,
        maskZero: true,
        inputLength: 5,
      },
    ],
    inputs: (batch, length) => tf.reshape(tf.mod(tf.range(0, batch * length, 1, 'int32'), 5), [batch, length]),
    output: 'table',
    errors: [[{inputDim: 7, outputDim: 0}, 'LazyEmbedding: expected outputDim to be a positive integer, received 0.']],
  },
  LinearAttention: {
    required: {heads: 2, headSize: 4},
    variants: [
      {heads: 2, headSize: 4},
      {
        heads: 1,
        headSize: 3,
        keySize: 4,
        outDim: 5,
        featureMap: 'cosformer',
        causal: true,
        pBias: 'rotary',
        maskMode: 'values',
        scale: 0.5,
        normalize: true,
        epsilon: 0.5,
        epsilonRule: 'max',
        length: 11,
        chunkSize: 2,
        keyMask: true,
        useBias: false,
        ...initializers,
      },
      {heads: 2, headSize: 3, selfAttention: false, featureMap: 'exp'},
    ],
    inputs: (batch, length, {selfAttention = true, keyMask}) => {
      const x = tokens(batch, length);
      if (!selfAttention) return [x, x, x];
      return keyMask ? [x, tf.ones([batch, length], 'int32')] : x;
    },
    output: 'sequence',
    causal: {heads: 2, headSize: 4, causal: true, featureMap: 'exp', chunkSize: 2},
    errors: [
      [{heads: 0, headSize: 4}, 'LinearAttention: expected heads to be a positive integer, received 0.'],
      [{heads: 2, headSize: 3, pBias: 'rotary'}, "expected an even keySize with pBias 'rotary', received 3."],
      [{heads: 2, headSize: 3, featureMap: 'gelu'}, 'expected featureMap to be one of elu, exp, relu, softmax'],
    ],
  },
  MixedChunkAttention: {
    required: {keySize: 4},
    variants: [
      {keySize: 4, chunkSize: 2},
      {
        units: 5,
        keySize: 6,
        rotaryDim: 2,
        shiftTokens: true,
        relativeBias: false,
        norm: 'scale',
        residual: false,
        chunkSize: 3,
        divisor: 'chunk',
        activation: 'laplace',
        linearScope: 'chunk',
        useBias: false,
        ...initializers,
      },
      {keySize: 4, causal: true, chunkSize: 2},
    ],
    output: 'sequence',
    causal: {keySize: 4, causal: true, chunkSize: 2, shiftTokens: true},
    errors: [
      [{keySize: 4, rotaryDim: 3}, 'MixedChunkAttention: expected an even rotaryDim up to keySize 4, received 3.'],
      [{causal: true, linearScope: 'chunk'}, 'expected linearScope \'sequence\' with causal, received "chunk".'],
    ],
  },
  MultiHeadAttention: {
    required: {heads: 2, headSize: 4},
    variants: [
      {heads: 2, headSize: 4},
      {
        heads: 3,
        headSize: 2,
        keySize: 4,
        outDim: 5,
        attentionScale: 0.3,
        attentionDropout: 0.25,
        normalization: 'softmaxPlus',
        lengthBase: 300,
        minLength: 2,
        causal: true,
        pBias: 'rotary',
        aBias: true,
        keyMask: true,
        seed: 5,
        useBias: false,
        ...initializers,
      },
      {heads: 2, headSize: 3, pBias: 'typicalRelative', normalization: 'squaredRelu', lengthNorm: 4},
      {heads: 2, headSize: 3, pBias: 't5Relative'},
      {heads: 2, headSize: 3, returnAttentionScores: true},
    ],
    inputs: (batch, length, {aBias, pBias, keyMask, heads}) => {
      const x = tokens(batch, length);
      const width = pBias === 'typicalRelative' ? 3 : (heads as number);
      const relative = pBias === 'typicalRelative' || pBias === 't5Relative';
      return [
        x,
        x,
        x,
        ...(aBias ? [normal([batch, length, length], 9)] : []),
        ...(relative ? [normal([length, length, width], 10)] : []),
        ...(keyMask ? [tf.ones([batch, length], 'int32')] : []),
      ];
    },
    output: 'sequence',
    causal: {heads: 2, headSize: 4, causal: true},
    errors: [
      [{heads: 2, headSize: 3, pBias: 'rotary'}, "expected an even keySize with pBias 'rotary', received 3."],
      [{heads: 2, headSize: 3, attentionDropout: 1}, 'expected attentionDropout in [0, 1), received 1.'],
    ],
  },
  PerformerAttention: {
    required: {heads: 2, headSize: 4},
    variants: [
      {heads: 2, headSize: 4, seed: 3},
      {
        heads: 1,
        headSize: 6,
        outDim: 5,
        randomFeatures: 7,
        kernel: 'hyperbolic',
        causal: true,
        maskMode: 'values',
        normalize: false,
        denominatorEpsilon: 0.5,
        keySumEpsilon: 0.25,
        epsilon: 0.125,
        stabilizer: 'none',
        detachStabilizer: false,
        normalizeData: false,
        featureScaling: false,
        projectionScaling: 'fixed',
        redrawInterval: 3,
        chunkSize: 2,
        pBias: 'rotary',
        seed: 4,
        useBias: false,
        ...initializers,
      },
    ],
    output: 'sequence',
    causal: {heads: 2, headSize: 4, causal: true, chunkSize: 2, seed: 3},
    errors: [
      [{heads: 2, headSize: 3, pBias: 'rotary'}, "expected an even headSize with pBias 'rotary', received 3."],
      [{heads: 2, headSize: 4, redrawInterval: 0}, 'expected redrawInterval to be a positive integer, received 0.'],
    ],
  },
  RelativePositionEmbedding: {
    required: {inputDim: 5, outputDim: 3},
    variants: [
      {
        inputDim: 5,
        outputDim: 3,
        embeddingsInitializer: {className: 'RandomNormal', config: {mean: 0, stddev: 1, seed: 2}},
      },
      {inputDim: 8, outputDim: 2, buckets: 't5', maxDistance: 16, bidirectional: false},
    ],
    inputs: (batch, length) => [tokens(batch, length), tokens(batch, length)],
    output: 'table',
    errors: [[{inputDim: 4, outputDim: 3}, "expected an odd inputDim with buckets 'clipped', received 4."]],
  },
  RmsNormalization: {
    variants: [{}, {scale: false, epsilon: 1e-3}],
    output: 'token',
    errors: [[{epsilon: -1}, 'RmsNormalization: expected epsilon in (0, Infinity], received -1.']],
  },
  RotaryEmbedding: {
    variants: [{}, {base: 100, layout: 'half', positionIds: true}],
    inputs: (batch, length, {positionIds}) => {
      const x = tokens(batch, length);
      return positionIds ? [x, positions(batch, length)] : x;
    },
    output: 'token',
    errors: [[{layout: 'full'}, 'RotaryEmbedding: expected layout to be one of interleaved, half, received "full".']],
  },
  ScaleOffset: {
    variants: [{}, {heads: 3, offset: false}, {scale: false}],
    output: 'token',
    errors: [[{scale: false, offset: false}, 'ScaleOffset: expected scale, offset or both']],
  },
  SeededDropout: {
    required: {rate: 0.5},
    variants: [{rate: 0.5}, {rate: 0.25, noiseShape: [null, null, 1], seed: 4}],
    output: 'token',
    errors: [[{rate: 1}, 'SeededDropout: expected rate in [0, 1), received 1.']],
  },
};
