export {type GlobalPointerF1Args, globalPointerF1, globalPointerF1Metric} from './global_pointer_f1.js';
export {
  GlobalPointerF1,
  type GlobalPointerF1CounterArgs,
  type GlobalPointerF1Result,
  type SpansOrTensor,
} from './global_pointer_f1_counter.js';
export type {SpanScores} from './span_counts.js';
export {
  type SparseGlobalPointerF1Args,
  sparseGlobalPointerF1,
  sparseGlobalPointerF1Metric,
} from './sparse_global_pointer_f1.js';
