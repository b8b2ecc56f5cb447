import {describe, expect, test} from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';

import {report} from '../../src/kernels.js';
import {CAUSAL_PRODUCT, CAUSAL_PRODUCT_GRADIENT} from '../../src/ops/linear_attention/name.js';
import {causalProduct} from '../../src/ops/linear_attention/products.js';
import {BACKEND, testOn} from '../support/backend.js';
import {expectClose, expectGradientClose, expectTensorsKept, normal} from '../support/expect.js';
import {expectFused} from '../support/fused.js';
import {allocationsOf, withHiddenMemory} from '../support/wasm_memory.js';

/** `[q, k, v]` of two groups. */
const inputsOf = (length: number, features: number, channels: number): tf.Tensor3D[] =>
  [features, features, channels].map((size, i) => normal<tf.Rank.R3>([2, length, size], i + 1));

/** Σ_{j ≤ i} (q_i · k_j) v_j, or j ≥ i, row by row. */
function quadratic([q, k, v]: tf.Tensor3D[], reverse: boolean): tf.Tensor {
  const length = q.shape[1];
  const below = tf.linalg.bandPart(tf.ones([length, length]), reverse ? 0 : -1, reverse ? -1 : 0);
  return tf.matMul(tf.mul(tf.matMul(q, k, false, true), below) as tf.Tensor3D, v);
}

describe('causalProduct', () => {
  test.each([
    [1, 1, 1, undefined, false],
    [7, 3, 5, 2, false],
    [33, 8, 9, undefined, true],
    [70, 5, 2, 16, true],
    [67, 17, 12, 100, false],
    [95, 4, 65, undefined, false],
  ])(
    'of length %d, %d features, %d channels, chunk %p, reverse %s',
    async (length, features, channels, chunk, reverse) => {
      const inputs = inputsOf(length, features, channels);
      const [q, k, v] = inputs;
      await expectClose(causalProduct(q, k, v, chunk, reverse), quadratic(inputs, reverse));
    },
  );

  test.each([
    ['one chunk', 9, undefined, false],
    ['several chunks, the last one ragged', 50, 8, false],
    ['the other direction', 50, 8, true],
    ['several spans of chunks', 70, 2, false],
  ])('gradients equal those of all products, %s', async (_, length, chunk, reverse) => {
    const inputs = inputsOf(length, 5, 3);
    const dy = normal([2, length, 3], 9);
    const want = tf.grads((...qkv) => quadratic(qkv as tf.Tensor3D[], reverse))(inputs, dy);
    const got = tf.grads((...[q, k, v]) =>
      causalProduct(q as tf.Tensor3D, k as tf.Tensor3D, v as tf.Tensor3D, chunk, reverse),
    )(inputs, dy);
    for (const [i, gradient] of got.entries()) await expectGradientClose(gradient, want[i]);
  });

  testOn('tensorflow')('gives the three gradients of a span as one kernel, and says where it does not', () => {
    const pathOf = (chunk: number) => {
      const inputs = inputsOf(70, 3, 4);
      expectTensorsKept(0, () => {
        const grads = tf.grads((...[q, k, v]) =>
          causalProduct(q as tf.Tensor3D, k as tf.Tensor3D, v as tf.Tensor3D, chunk),
        );
        tf.dispose(grads(inputs));
      });
      return report().find(({op}) => op === CAUSAL_PRODUCT_GRADIENT);
    };
    expect(pathOf(16)).toMatchObject({path: 'fused'});
    expectFused(CAUSAL_PRODUCT);
    const reason = 'a sequence of several spans, whose gradients are three products';
    expect(pathOf(2)).toMatchObject({path: 'composed', reason});
  });

  testOn(
    'wasm',
    'cpu',
    'tensorflow',
  )('adds up 65,536 rows without losing digits', async () => {
    const length = 65536;
    const ones = tf.fill([1, length, 1], 0.1) as tf.Tensor3D;
    const sums = await tf.slice(causalProduct(ones, ones, ones, undefined), [0, length - 1, 0], [1, 1, 1]).data();
    expectFused(CAUSAL_PRODUCT);
    expect(Math.abs(sums[0] / (length * Math.fround(0.1) ** 3) - 1)).toBeLessThan(
      BACKEND === 'tensorflow' ? 1e-6 : 5e-7,
    ); // which sums in another order: 5.8e-7
  });

  testOn('wasm')('allocates its output and scratch that does not grow with the length', () => {
    const [short, long] = [64, 1024].map(length => {
      const [q, k, v] = inputsOf(length, 8, 8);
      let [output, scratch] = [0, 0];
      expectTensorsKept(0, () => {
        [output, scratch] = allocationsOf(() => causalProduct(q, k, v, undefined).dispose());
      });
      return {output: output / length, scratch};
    });
    expect(long).toEqual(short);
  });

  testOn('wasm')('composes where the memory of tfjs is hidden, and says so', async () => {
    const inputs = inputsOf(9, 3, 4);
    const composed = withHiddenMemory(() => causalProduct(inputs[0], inputs[1], inputs[2], undefined));
    const entry = report().find(({op}) => op === CAUSAL_PRODUCT);
    expect(entry).toMatchObject({path: 'composed', reason: 'the memory of the backend is hidden'});
    await expectClose(composed, quadratic(inputs, false));
  });
});
