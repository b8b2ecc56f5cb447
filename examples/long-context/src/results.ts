import type {AttentionName} from './model/attentions.js';
import type {Cost} from './scaling/protocol.js';
import type {Curve} from './training/train.js';

/** What a trained model gives on held-out text, cut into windows of one length. */
export interface LengthTest {
  length: number;
  /** Mean bits per character. */
  bits: number;
  /** Mean bits per character of each stretch of the longest window, with its middle, whatever the length here. */
  byPosition: {position: number; bits: number}[];
}

export interface Result {
  attention: AttentionName;
  parameters: number;
  curve: Curve;
  tests: LengthTest[];
  /** Ascending lengths; those that did not fit are missing. */
  costs: Cost[];
}
