import {describe, expect} from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';

import {report, setFused} from '../../src/kernels.js';
import {linearAttention} from '../../src/ops/index.js';
import {CAUSAL_PRODUCT, KEY_VALUE_SUMS} from '../../src/ops/linear_attention/name.js';
import {causalProduct, keyValueSums, readSums} from '../../src/ops/linear_attention/products.js';
import {testOn} from '../support/backend.js';
import {normal} from '../support/expect.js';
import {expectFused} from '../support/fused.js';

type Product = (q: tf.Tensor3D, k: tf.Tensor3D, v: tf.Tensor3D) => tf.Tensor;

interface Case {
  groups: number;
  rows: number;
  features: number;
  channels: number;
  chunkSize?: number;
}

/** Output and gradients of q, k and v. */
function run(product: Product, {groups, rows, features, channels}: Case): tf.Tensor[] {
  const [q, k, v] = [features, features, channels].map((size, n) => normal<tf.Rank.R3>([groups, rows, size], n + 1));
  return tf.tidy(() => {
    const output = product(q, k, v);
    return [output, ...tf.grads(product as never)([q, k, v], normal(output.shape as never, 4))];
  });
}

/** Largest difference from composed ops, relative to the largest number. */
async function difference(op: string, product: Product, given: Case): Promise<number> {
  await poisonBuffers(given);
  const fused = run(product, given);
  expectFused(op);
  setFused(false);
  try {
    const composed = run(product, given);
    const found = await Promise.all(fused.map((x, n) => relativeDifference(x, composed[n])));
    return Math.max(...found);
  } finally {
    setFused(true);
  }
}

async function relativeDifference(x: tf.Tensor, y: tf.Tensor): Promise<number> {
  expect(x.shape).toEqual(y.shape);
  const [got, want] = [await x.data(), await y.data()];
  let [largest, unit] = [0, 0];
  for (let i = 0; i < want.length; i++) {
    const next = Math.abs(got[i] - want[i]);
    if (!(next <= largest)) largest = next;
    unit = Math.max(unit, Math.abs(want[i]));
  }
  return largest / unit;
}

/** Leaves NaN in the buffers that outputs, gradients and sums will get. */
async function poisonBuffers({groups, rows, features, channels, chunkSize = 64}: Case): Promise<void> {
  const chunks = Math.ceil(rows / (64 * Math.ceil(chunkSize / 64)));
  const [M, D] = [features, channels].map(size => 4 * Math.ceil(size / 4));
  const sums = [features * D, channels * M].map(size => groups * chunks * size);
  const poison = [...sums, groups * features * channels, groups * rows * features, groups * rows * channels].map(size =>
    tf.fill([size], Number.NaN),
  );
  await Promise.all(poison.map(x => x.data()));
  tf.dispose(poison);
}

const CASES: Record<string, Case> = {
  'one chunk': {groups: 2, rows: 50, features: 8, channels: 4},
  'three chunks, odd widths': {groups: 3, rows: 131, features: 5, channels: 3},
  'chunks of two blocks': {groups: 1, rows: 300, features: 6, channels: 8, chunkSize: 100},
  'values in pieces, features beyond a workgroup': {groups: 1, rows: 70, features: 70, channels: 261},
  'one row': {groups: 2, rows: 1, features: 3, channels: 2},
};

describe('products of linear attention on webgpu', () => {
  describe.each(Object.entries(CASES))('%s', (_, given) => {
    testOn('webgpu').each([false, true])('the causal product equals composed ops, reverse %p', async reverse => {
      const product: Product = (q, k, v) => causalProduct(q, k, v, given.chunkSize, reverse);
      expect(await difference(CAUSAL_PRODUCT, product, given)).toBeLessThan(2e-6);
    });

    testOn('webgpu')('the sums over all keys equal composed ops', async () => {
      const product: Product = (q, k, v) => readSums(q, keyValueSums(k, v, given.chunkSize), given.chunkSize);
      expect(await difference(KEY_VALUE_SUMS, product, given)).toBeLessThan(2e-6);
    });
  });

  testOn('webgpu')('one pipeline serves every length', async () => {
    for (const rows of [3, 65, 200, 64, 129]) {
      const product: Product = (q, k, v) => causalProduct(q, k, v, undefined);
      expect(await difference(CAUSAL_PRODUCT, product, {groups: 2, rows, features: 4, channels: 4})).toBeLessThan(2e-6);
    }
  });

  testOn('webgpu')('gives the same bits each time', async () => {
    const given: Case = {groups: 2, rows: 200, features: 4, channels: 4};
    const product: Product = (q, k, v) => causalProduct(q, k, v, undefined);
    const [bits, again] = [run(product, given), run(product, given)].map(all => Promise.all(all.map(x => x.data())));
    expect(await again).toEqual(await bits);
  });

  testOn('webgpu')('keeps the digits of a sum over 20,000 keys', async () => {
    const [q, k, v] = [1, 2, 3].map(() => tf.fill([1, 20_000, 1], 0.1) as tf.Tensor3D);
    const sums = causalProduct(q, k, v, undefined);
    const last = (await tf.slice(sums, [0, 19_999, 0], [1, 1, 1]).data())[0];
    expect(Math.abs(last / (20_000 * Math.fround(0.1) ** 3) - 1)).toBeLessThan(1e-5);
  });

  testOn('webgpu')('says why it composes', () => {
    const q = normal([1, 1, 2, 385], 1);
    linearAttention(q, q, q, {featureMap: 'identity', causal: true});
    const entry = report().find(({op}) => op === CAUSAL_PRODUCT);
    expect(entry).toMatchObject({path: 'composed', reason: 'more than 384 features'});
  });
});
