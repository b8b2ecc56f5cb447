/**
 * The sums of `spanSumsReference` on the memory of `wasm`, and on copies in a memory of our own on `cpu`:
 * assembly/span_sums.ts, which reads each cell once, one sample after another on all threads there are.
 */
import * as tf from '@tensorflow/tfjs-core';

import {whyNotFloats} from '../../internal/float_inputs.js';
import type {FusedKernel} from '../../internal/kernels.js';
import {maskRows} from '../../internal/simd/mask_rows.js';
import {spanSumsModule} from '../../internal/simd/modules/span_sums.js';
import {runSimd, simdInstructions, whyNotSimd} from '../../internal/simd/run.js';
import type {SpanSumAttrs, SpanSumInputs} from './name.js';

/** The exports of assembly/span_sums.ts. */
interface SumFunctions {
  spanSumsScratch(types: number, length: number): number;
}

const BYTES = 4;

export const spanSumsOnHost: Omit<FusedKernel<SpanSumInputs, SpanSumAttrs>, 'backend'> = {
  unsupported: whyNot,
  form: simdInstructions,
  run: ({dy, mask}, {scale, trilMask}, backend) => {
    const [batch, types, length] = dy.shape as [number, number, number];
    const rows = mask === undefined ? undefined : maskRows(mask, backend);
    return runSimd<SumFunctions>(spanSumsModule, backend, ({spanSumsScratch}, space, runner) => {
      const slopes = space.read(dy);
      const kept = rows === undefined ? 0 : space.write(rows.values);
      const spans = space.make([batch, length, length]);
      const bias = space.make([batch, length, 2 * types]);
      const calls = Array.from({length: batch}, (_, sample) => {
        const at = sample * length * BYTES;
        const keep = kept + sample * (rows?.rowBytes ?? 0);
        const written = [spans + at * length, bias + at * 2 * types];
        return [slopes + at * types * length, keep, ...written, types, length, scale, Number(trilMask)];
      });
      runner.run('spanSums', calls, spanSumsScratch(types, length), 3 * dy.size);
    });
  },
};

function whyNot({dy}: SpanSumInputs): string | undefined {
  return whyNotFloats({dy}) ?? whyNotSimd(spanSumsModule, tf.backend());
}
