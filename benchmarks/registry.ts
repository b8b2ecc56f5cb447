import type {Benchmark, GrowthBenchmark, StepBenchmark} from './benchmark.js';
import {
  attention,
  attention4096,
  causalAgainstFull,
  float16Attentions,
  longAttentions,
  rotaryAttention512,
} from './cases/attention.js';
import {causalLinearAttention, causalProduct} from './cases/causal_linear_attention.js';
import {depthwiseConv1d} from './cases/depthwise_conv1d.js';
import {efficientGlobalPointer} from './cases/efficient_global_pointer.js';
import {embeddingGrowth, embeddingSteps, largeEmbeddingSteps} from './cases/embedding_steps.js';
import {favorPlusFeatures} from './cases/favor_plus_features.js';
import {gatedAttentionUnit} from './cases/gated_attention_unit.js';
import {globalPointer} from './cases/global_pointer.js';
import {
  causalLinearAttentionGrowth,
  linearAttentionGrowth,
  performerAttentionGrowth,
} from './cases/linear_attention_growth.js';
import {matrixProducts} from './cases/matrix_products.js';
import {multiHeadAttention} from './cases/multi_head_attention.js';
import {multilabelCrossentropy, softMultilabelCrossentropy} from './cases/multilabel_crossentropy.js';
import {optimizerSteps} from './cases/optimizer_steps.js';
import {recogniserUnit} from './cases/recogniser_unit.js';
import {rmsNormalization} from './cases/rms_normalization.js';
import {rotaryEmbedding} from './cases/rotary_embedding.js';
import {efficientGlobalPointerLoss, factorisedLosses, globalPointerLoss, streamedLosses} from './cases/span_losses.js';
import {spanScores} from './cases/span_scores.js';

export const BENCHMARKS: readonly (Benchmark | StepBenchmark)[] = [
  attention,
  ...longAttentions,
  ...causalAgainstFull,
  rotaryAttention512,
  ...float16Attentions,
  attention4096,
  matrixProducts,
  multiHeadAttention,
  globalPointer,
  efficientGlobalPointer,
  globalPointerLoss,
  efficientGlobalPointerLoss,
  ...spanScores,
  ...streamedLosses,
  ...factorisedLosses,
  multilabelCrossentropy,
  softMultilabelCrossentropy,
  gatedAttentionUnit,
  recogniserUnit,
  rotaryEmbedding,
  depthwiseConv1d,
  rmsNormalization,
  causalLinearAttention,
  causalProduct,
  favorPlusFeatures,
  optimizerSteps,
  embeddingSteps,
  largeEmbeddingSteps,
  embeddingGrowth,
];

/** Run when they are named. */
export const GROWTH_BENCHMARKS: readonly GrowthBenchmark[] = [
  linearAttentionGrowth,
  causalLinearAttentionGrowth,
  performerAttentionGrowth,
];
