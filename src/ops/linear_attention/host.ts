/**
 * The causal product on the memory of `wasm`, and on copies in a memory of our own on `cpu`:
 * assembly/causal_product.ts, on all threads there are, one group after another. Between inputs and output lie one
 * chunk and one sum.
 */
import * as tf from '@tensorflow/tfjs-core';

import type {FusedKernel} from '../../internal/kernels.js';
import {causalProductModule} from '../../internal/simd/modules/causal_product.js';
import {runSimd, simdInstructions, whyNotSimd} from '../../internal/simd/run.js';
import type {ProductInputs} from './name.js';
import type {CausalProductAttrs} from './reference.js';

/** The exports of assembly/causal_product.ts. */
interface CausalFunctions {
  causalScratch(chunk: number, features: number, channels: number): number;
}

const BYTES = 4;
/** Rows of a chunk: fewer cost more updates of the sum, more a larger half of scores that is not used. */
const FASTEST_CHUNK = 32;

export const causalProductOnHost: Omit<FusedKernel<ProductInputs, CausalProductAttrs>, 'backend'> = {
  unsupported: ({q, k, v}) => {
    if ([q, k, v].some(({size}) => size === 0)) return 'an empty tensor';
    if ([q, k, v].some(({dtype}) => dtype !== 'float32')) return 'q, k and v other than float32';
    return whyNotSimd(causalProductModule, tf.backend());
  },
  form: simdInstructions,
  run: ({q, k, v}, {chunkSize, reverse}, backend) => {
    const [groups, length, features] = q.shape;
    const channels = v.shape[2] as number;
    const chunk = Math.min(chunkSize ?? FASTEST_CHUNK, length);
    return runSimd<CausalFunctions>(causalProductModule, backend, ({causalScratch}, space, runner) => {
      const [queries, keys, values] = [q, k, v].map(x => space.read(x));
      const output = space.make([groups, length, channels]);
      const [qBytes, vBytes] = [length * features * BYTES, length * channels * BYTES];
      const calls = Array.from({length: groups}, (_, group) => {
        const [qAt, vAt] = [group * qBytes, group * vBytes];
        const operands = [queries + qAt, keys + qAt, values + vAt, output + vAt];
        return [...operands, length, features, channels, chunk, Number(reverse)];
      });
      const work = groups * length * (2 * features * channels + chunk * (features + channels));
      runner.run('causalProduct', calls, causalScratch(chunk, features, channels), work);
    })[0];
  },
};
