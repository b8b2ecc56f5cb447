import type {AttentionName} from '../model/attentions.js';
import type {Sizes} from '../model/block.js';
import type {BackendName} from '../start_backend.js';

/** What a measuring process is told. */
export interface Request {
  backend: BackendName;
  attention: AttentionName;
  sizes: Sizes;
  /** Ascending. */
  lengths: number[];
  seed: number;
}

/** What it tells of each length: one training step on one window. */
export interface Cost {
  length: number;
  milliseconds: number;
  /** Largest sum of the bytes of all tensors, seen after each kernel. */
  tensorBytes: number;
  /** Largest resident memory of the process so far, program included. */
  residentBytes: number;
}
