import type {Run} from '../settings.js';

/** What one epoch came to. */
export interface EpochRecord {
  /** Counted from 1. */
  epoch: number;
  /** Mean over the steps. */
  loss: number;
  /** On the dev text, in [0, 1]. */
  precision: number;
  recall: number;
  f1: number;
  /** Time that its steps took, without the scoring. */
  seconds: number;
}

/** Where a run stands, between two steps. */
export interface Progress {
  run: Run;
  /** Of the text, to notice when it is another one. */
  fingerprint: string;
  /** Whole epochs done. */
  epoch: number;
  /** Steps done of the next one. */
  step: number;
  /** Sum of the losses of these steps, and the time they took. */
  lossSum: number;
  seconds: number;
  history: EpochRecord[];
  /** The epoch whose weights are kept; 0 before the first. */
  bestEpoch: number;
}

/** A run of which nothing is done. */
export const startOf = (run: Run, fingerprint: string): Progress => ({
  run,
  fingerprint,
  epoch: 0,
  step: 0,
  lossSum: 0,
  seconds: 0,
  history: [],
  bestEpoch: 0,
});
