/** Kernel name. */
export const COUNTER_DROPOUT = 'AddonsCounterDropout';

export interface DropoutAttrs {
  shape: number[];
  rate: number;
  /** Unsigned 32-bit. */
  seed: number;
}
