/**
 * Scores of spans on the memory of `wasm`, and on copies in a memory of our own on `cpu`: assembly/span_scores.ts.
 * Scores are written once; besides there are, for the moment and for each thread, packed keys of one head and 32 rows
 * of its products.
 */
import * as tf from '@tensorflow/tfjs-core';

import type {FusedKernel} from '../../internal/kernels.js';
import {maskRows} from '../../internal/simd/mask_rows.js';
import {spanScoresModule} from '../../internal/simd/modules/span_scores.js';
import {runSimd, simdInstructions, whyNotSimd} from '../../internal/simd/run.js';
import type {SpanScoreAttrs, SpanScoreInputs} from './name.js';

/** The exports of assembly/span_scores.ts. */
interface ScoreFunctions {
  scoresScratch(): number;
}

const BYTES = 4;

export const spanScoresOnHost: Omit<FusedKernel<SpanScoreInputs, SpanScoreAttrs>, 'backend'> = {
  unsupported: whyNot,
  form: simdInstructions,
  run: ({q, k, bias, mask}, {scale, trilMask, maskValue}, backend) => {
    const [batch, length, size] = [q.shape[0], ...q.shape.slice(-2)];
    const types = bias === undefined ? 0 : bias.shape[2]! / 2;
    const heads = bias === undefined ? q.shape[1]! : 1; // products of a sample
    const rows = mask === undefined ? undefined : maskRows(mask, backend);
    return runSimd<ScoreFunctions>(spanScoresModule, backend, ({scoresScratch}, space, runner) => {
      runner.configure(length, size, types, scale, maskValue, Number(trilMask));
      const [queries, keys] = [q, k].map(x => space.read(x));
      const biases = bias === undefined ? 0 : space.read(bias);
      const kept = rows === undefined ? 0 : space.write(rows.values);
      const scores = space.make([batch, types || heads, length, length]);
      const calls = Array.from({length: batch * heads}, (_, head) => {
        const sample = Math.floor(head / heads);
        const row = head * length * size * BYTES;
        const biasRow = biases + sample * length * 2 * types * BYTES;
        const maskRow = kept + sample * (rows?.rowBytes ?? 0);
        const into = scores + head * (types || 1) * length ** 2 * BYTES;
        return [queries + row, keys + row, biasRow, maskRow, into];
      });
      runner.run('spanScores', calls, scoresScratch(), calls.length * length ** 2 * (size + types));
    })[0];
  },
};

function whyNot({q, k, bias}: SpanScoreInputs): string | undefined {
  if (q.size === 0 || bias?.size === 0) return 'an empty tensor';
  if ([q, k, bias ?? q].some(({dtype}) => dtype !== 'float32')) return 'q, k or bias other than float32';
  return whyNotSimd(spanScoresModule, tf.backend());
}
