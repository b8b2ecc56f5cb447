import {expect} from '@jest/globals';
import type * as tf from '@tensorflow/tfjs-core';

import {report, setFused} from '../../src/kernels.js';
import {expectClose} from './expect.js';

/** The op took its fused kernel the last time it ran on this backend. */
export function expectFused(op: string): void {
  expect(report().find(entry => entry.op === op)?.path).toBe('fused');
}

/** `run` gives the same with the fused kernel of `op`, which it must take, and composed. */
export async function expectFusedIsComposed(op: string, run: () => tf.Tensor): Promise<void> {
  const fused = run();
  expectFused(op);
  setFused(false);
  try {
    await expectClose(fused, run());
  } finally {
    setFused(true);
  }
}
