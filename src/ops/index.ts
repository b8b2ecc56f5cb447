export {cholesky} from './cholesky/index.js';
export {cosineSimilarities} from './cosine_similarities/index.js';
export {counterDropout} from './counter_dropout/index.js';
export {type DecodeSpansArgs, decodeSpans, type ScoredSpan} from './decode_spans/index.js';
export {type DepthwiseConv1dOptions, depthwiseConv1d} from './depthwise_conv1d/index.js';
export {
  type EfficientGlobalPointerCrossentropyOptions,
  efficientGlobalPointerCrossentropy,
} from './efficient_global_pointer_crossentropy/index.js';
export {efficientGlobalPointerScores} from './efficient_global_pointer_scores/index.js';
export {type FavorPlusFeaturesOptions, favorPlusFeatures} from './favor_plus_features/index.js';
export type {FavorKernelFunction, FavorKernelName} from './favor_plus_features/options.js';
export {type Gaussian, gaussianBhattacharyya, gaussianKl, gaussianWasserstein} from './gaussian_divergences/index.js';
export {
  type GlobalPointerCrossentropyOptions,
  globalPointerCrossentropy,
} from './global_pointer_crossentropy/index.js';
export {globalPointerScores, type SpanScoreOptions} from './global_pointer_scores/index.js';
export {type HsicEstimator, type HsicOptions, hsic} from './hsic/index.js';
export {linearAttention} from './linear_attention/index.js';
export type {
  FeatureMapFunction,
  FeatureMapName,
  LinearAttentionOptions,
  LinearAttentionState,
} from './linear_attention/options.js';
export {mixedChunkAttention} from './mixed_chunk_attention/index.js';
export type {MixedChunkAttentionOptions, MixedChunkInputs} from './mixed_chunk_attention/options.js';
export {
  type OrthogonalRandomFeaturesOptions,
  orthogonalRandomFeatures,
} from './orthogonal_random_features/index.js';
export {type PerformerAttentionOptions, performerAttention} from './performer_attention/index.js';
export {type RmsNormalizationOptions, rmsNormalization} from './rms_normalization/index.js';
export {type RotaryEmbeddingOptions, rotaryEmbedding} from './rotary_embedding/index.js';
export {attentionWeights, scaledDotProductAttention} from './scaled_dot_product_attention/index.js';
export type {
  AttentionWeightsOptions,
  Normalization,
  NormalizationOptions,
  ScaledDotProductAttentionOptions,
} from './scaled_dot_product_attention/options.js';
export {sinusoidalEmbedding} from './sinusoidal_embedding/index.js';
export {type Span, type SpanLabelsArgs, spanLabels} from './span_labels/index.js';
export {type SpanListArgs, spanList} from './span_list/index.js';
export {swish} from './swish/index.js';
