import type {Shape} from '@tensorflow/tfjs-layers';

import {check, checkInteger, checkRange} from './check.js';
import {MASK_VALUES} from './span_visibility.js';

/** Arguments that both GlobalPointer heads share. */
export interface SpanHeadArgs {
  /** Number of entity types H. */
  heads: number;
  /** Channels D of query and key, even with `useRope`; 64 is usual. */
  headSize: number;
  /** Whether queries and keys are rotated by position; without it a head cannot tell lengths. Defaults to true. */
  useRope?: boolean;
  /** Whether spans that end before they start are blanked. Defaults to true. */
  trilMask?: boolean;
  /** Logit of impossible cells, at most −1e4. Defaults to −1e12, or −6e4 on backends with half floats. */
  maskValue?: number | null;
}

export function completeSpanHead(args: SpanHeadArgs, where: string) {
  const {heads, headSize, useRope = true, trilMask = true, maskValue = null} = args;
  checkInteger(heads, where, 'heads');
  checkInteger(headSize, where, 'headSize');
  check(!useRope || headSize % 2 === 0, where, 'an even headSize with useRope', headSize, 'Rotation acts on pairs.');
  if (maskValue !== null) checkRange(maskValue, where, 'maskValue', MASK_VALUES);
  return {heads, headSize, useRope, trilMask, maskValue};
}

/** `[B, T, C]` → `[B, H, T, T]`. */
export const spanHeadShape = ([batch, length]: Shape, heads: number): Shape => [batch, heads, length, length];
