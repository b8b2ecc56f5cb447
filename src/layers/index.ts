export {
  ConditionalLayerNormalization,
  type ConditionalLayerNormalizationArgs,
  conditionalLayerNormalization,
} from './conditional_layer_normalization.js';
export {CosineDense, type CosineDenseArgs, cosineDense} from './cosine_dense.js';
export {
  DepthwiseConvolution1d,
  type DepthwiseConvolution1dArgs,
  depthwiseConvolution1d,
} from './depthwise_convolution1d.js';
export {
  EfficientGlobalPointer,
  type EfficientGlobalPointerArgs,
  efficientGlobalPointer,
} from './efficient_global_pointer.js';
export {GatedAttentionUnit, type GatedAttentionUnitArgs, gatedAttentionUnit} from './gated_attention_unit.js';
export {type GauAlphaSettings, gauAlphaSettings} from './gau_alpha_settings.js';
export {GlobalPointer, type GlobalPointerArgs, globalPointer} from './global_pointer.js';
export {LazyEmbedding, type LazyEmbeddingArgs, lazyEmbedding} from './lazy_embedding.js';
export {LinearAttention, type LinearAttentionArgs, linearAttention} from './linear_attention.js';
export {
  MixedChunkAttention,
  type MixedChunkAttentionArgs,
  type MixedChunkLayerState,
  mixedChunkAttention,
} from './mixed_chunk_attention.js';
export {MultiHeadAttention, type MultiHeadAttentionArgs, multiHeadAttention} from './multi_head_attention.js';
export {PerformerAttention, type PerformerAttentionArgs, performerAttention} from './performer_attention.js';
export {
  RelativePositionEmbedding,
  type RelativePositionEmbeddingArgs,
  relativePositionEmbedding,
} from './relative_position_embedding.js';
export {RmsNormalization, type RmsNormalizationArgs, rmsNormalization} from './rms_normalization.js';
export {RotaryEmbedding, type RotaryEmbeddingArgs, rotaryEmbedding} from './rotary_embedding.js';
export {ScaleOffset, type ScaleOffsetArgs, scaleOffset} from './scale_offset.js';
export {SeededDropout, type SeededDropoutArgs, seededDropout} from './seeded_dropout.js';
