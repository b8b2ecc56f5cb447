import * as tf from '@tensorflow/tfjs-core';
import {input, type LayersModel, model, type SymbolicTensor} from '@tensorflow/tfjs-layers';
import * as tfa from 'tfjs-addons';
import {EfficientGlobalPointer, type GatedAttentionUnitArgs, gatedAttentionUnit} from 'tfjs-addons/layers';
import {globalPointerCrossentropy} from 'tfjs-addons/losses';
import {globalPointerF1} from 'tfjs-addons/metrics';
import {startWebGpu} from 'tfjs-addons/node';
import {adamW, lookahead} from 'tfjs-addons/train';

const args: GatedAttentionUnitArgs = {units: 16, keySize: 8, normalization: 'softmaxPlus'};
const inputs = input({shape: [null, 8]});
const hidden = gatedAttentionUnit(args).apply(inputs);
const outputs = new EfficientGlobalPointer({heads: 2, headSize: 8}).apply(hidden);
export const spans: LayersModel = model({inputs, outputs: outputs as SymbolicTensor});
spans.compile({optimizer: lookahead(adamW(1e-3)), loss: globalPointerCrossentropy});

export const scores: tf.Tensor4D = tfa.efficientGlobalPointerScores(
  tf.ones([1, 5, 4]),
  tf.ones([1, 5, 4]),
  tf.ones([1, 5, 6]),
);

// @ts-expect-error A mistyped option is found when it is written.
gatedAttentionUnit({units: 16, keysize: 8});

export {globalPointerF1, startWebGpu};
