import type {Benchmark} from './benchmark.js';
import {attention} from './cases/attention.js';
import {efficientGlobalPointer} from './cases/efficient_global_pointer.js';
import {gatedAttentionUnit} from './cases/gated_attention_unit.js';
import {globalPointer} from './cases/global_pointer.js';
import {multiHeadAttention} from './cases/multi_head_attention.js';

export const BENCHMARKS: readonly Benchmark[] = [
  attention,
  multiHeadAttention,
  globalPointer,
  efficientGlobalPointer,
  gatedAttentionUnit,
];
